from urllib.parse import urlsplit

import pytest

from legitsms_site import roles, supervision

WORKERS = ["tick", "buy", "slow"]
ALL = [*WORKERS, "web", "beat", "broker", "sandbox"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    [monkeypatch.delenv(name, raising=False) for name in ("BIND", "REDIS_URL", "SANDBOX_URL")]


def option(role, name):
    words = roles.command(role)
    return words[words.index(name) + 1]


@pytest.mark.parametrize("role", ALL)
def test_every_role_is_one_command_of_words(role):
    assert all(isinstance(word, str) and word for word in roles.command(role)[:4])


def test_a_role_that_there_is_not_is_no_command():
    with pytest.raises(KeyError):
        roles.command("nothing")


@pytest.mark.parametrize("queue", WORKERS)
def test_every_queue_has_workers_of_its_own(queue):
    assert option(queue, "--queues") == queue


@pytest.mark.parametrize("queue", WORKERS)
def test_workers_talk_to_the_broker_about_tasks_only(queue):
    assert {"--without-gossip", "--without-mingle", "--without-heartbeat"} <= set(roles.command(queue))


@pytest.mark.parametrize(
    ("site", "host"),
    [("http://localhost:8000", "127.0.0.1"), ("https://desk.example.com", "0.0.0.0")],  # noqa: S104
)
def test_the_web_listens_to_others_only_where_people_are_told_to_come(settings, site, host):
    settings.SITE = urlsplit(site)
    assert option("web", "--host") == host


def test_the_web_can_be_told_where_to_listen(monkeypatch):
    monkeypatch.setenv("BIND", "10.0.0.7")
    assert option("web", "--host") == "10.0.0.7"


def test_the_sandbox_listens_for_this_machine_alone():
    assert option("sandbox", "--host") == "127.0.0.1"


@pytest.mark.parametrize(("role", "kind"), [("web", "web"), ("beat", "beat"), ("tick", "worker"), ("buy", "worker")])
def test_only_the_web_waits_as_little_as_a_page_may(role, kind):
    assert roles.process_role(role) == kind


# --- All of them in one terminal


def test_a_machine_with_nothing_runs_everything():
    assert set(supervision.roles()) == set(ALL)


def test_the_broker_starts_first():
    assert supervision.roles()[0] == "broker"


def test_a_broker_that_was_given_is_not_started_again(monkeypatch):
    monkeypatch.setenv("REDIS_URL", "redis://broker/0")
    assert "broker" not in supervision.roles()


def test_with_a_key_no_sandbox_runs(settings):
    settings.LEGITSMS_API_KEY = "a key"
    assert "sandbox" not in supervision.roles()


def test_every_role_is_started_again_when_it_dies():
    text = supervision.write_configuration().read_text()
    assert text.count("autorestart = true") == text.count("[program:") == len(ALL)


def test_no_secret_is_in_the_supervisors_configuration(settings):
    assert settings.SECRET_KEY not in supervision.write_configuration().read_text()
