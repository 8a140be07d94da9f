from pathlib import Path

import pytest

from legitsms_site import broker

LONG = Path("/" + "x" * 100)


def test_the_socket_is_in_the_data_folder(tmp_path):
    assert broker.socket_path(Path("/srv/desk")) == Path("/srv/desk/run/broker.sock")


def test_a_socket_whose_path_would_be_too_long_is_somewhere_shorter():
    assert len(str(broker.socket_path(LONG))) <= broker.MAX_SOCKET_PATH


def test_every_data_folder_has_a_socket_of_its_own_and_keeps_it():
    assert broker.socket_path(LONG) == broker.socket_path(LONG)
    assert broker.socket_path(LONG) != broker.socket_path(LONG / "other")


@pytest.mark.parametrize(
    ("redis", "celery"),
    [
        ("unix:///srv/broker.sock?db=0", "redis+socket:///srv/broker.sock?virtual_host=0"),
        ("redis://:secret@broker:6379/0", "redis://:secret@broker:6379/0"),
        ("rediss://broker/1", "rediss://broker/1"),
    ],
)
def test_celery_is_told_the_same_broker_in_its_own_words(redis, celery):
    assert broker.celery_url(redis) == celery


@pytest.fixture
def words(tmp_path):
    return broker.server_command(tmp_path)


def test_our_own_broker_listens_for_this_machine_alone(words, tmp_path):
    assert words[words.index("--port") + 1] == "0"
    assert words[words.index("--unixsocket") + 1] == str(broker.socket_path(tmp_path))
    assert words[words.index("--unixsocketperm") + 1] == "700"


@pytest.mark.parametrize(("option", "value"), [("--appendonly", "yes"), ("--maxmemory-policy", "noeviction")])
def test_our_own_broker_forgets_nothing_by_itself(words, option, value):
    assert words[words.index(option) + 1] == value


def test_the_folders_of_our_own_broker_are_ours_alone(words, tmp_path):
    assert (tmp_path / "broker").stat().st_mode & 0o777 == 0o700


def test_a_redis_server_of_the_machine_is_used_where_there_is_one(monkeypatch, tmp_path):
    monkeypatch.setattr(broker.shutil, "which", lambda _name: "/usr/bin/redis-server")
    assert broker.server_command(tmp_path)[0] == "/usr/bin/redis-server"


def test_a_machine_without_one_uses_the_server_of_the_wheel(monkeypatch, tmp_path):
    monkeypatch.setattr(broker.shutil, "which", lambda _name: None)
    assert Path(broker.server_command(tmp_path)[0]).is_file()
