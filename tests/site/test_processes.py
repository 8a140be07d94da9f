from configparser import RawConfigParser
from urllib.parse import urlsplit

import pytest

from legitsms_site import processes, supervision
from provider import budget

WORKERS = ["polling", "purchasing", "catalog"]
ALL = [*WORKERS, "web", "beat", "broker", "sandbox"]


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch):
    [monkeypatch.delenv(name, raising=False) for name in ("BIND", "REDIS_URL", "SANDBOX_URL")]


def option(role, name):
    words = processes.command(role)
    return words[words.index(name) + 1]


@pytest.mark.parametrize("role", ALL)
def test_every_role_is_one_command_of_words(role):
    assert all(isinstance(word, str) and word for word in processes.command(role)[:4])


def test_a_role_that_there_is_not_is_no_command():
    with pytest.raises(KeyError):
        processes.command("nothing")


@pytest.mark.parametrize("queue", WORKERS)
def test_every_queue_has_workers_of_its_own(queue):
    assert option(queue, "--queues") == queue


def test_a_process_that_polls_lasts_for_more_than_an_hour(settings):
    """Each leaves a file of the journal behind."""
    often = [
        task["schedule"] for task in settings.CELERY_BEAT_SCHEDULE.values() if task["options"]["queue"] == "polling"
    ]
    tasks_a_second = sum(1 / seconds for seconds in often) / int(option("polling", "--concurrency"))
    assert int(option("polling", "--max-tasks-per-child")) / tasks_a_second > 60 * 60


@pytest.mark.parametrize("queue", WORKERS)
def test_workers_talk_to_the_broker_about_tasks_only(queue):
    assert {"--without-gossip", "--without-mingle", "--without-heartbeat"} <= set(processes.command(queue))


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


@pytest.mark.parametrize("allowed", [0, 30])
def test_the_sandbox_allows_as_many_requests_as_the_desk_sends_it(settings, allowed):
    settings.SANDBOX_REQUESTS_PER_MINUTE = allowed
    assert option("sandbox", "--requests-per-minute") == str(allowed)
    assert budget.limit("sandbox") == allowed


@pytest.mark.parametrize(
    ("role", "kind"), [("web", "web"), ("beat", "beat"), ("polling", "worker"), ("purchasing", "worker")]
)
def test_only_the_web_waits_as_little_as_a_page_may(role, kind):
    assert processes.process_role(role) == kind


# --- All of them in one terminal


@pytest.fixture
def supervised():
    """What the supervisor is told, as it reads it."""

    def read():
        told = RawConfigParser()
        told.read(supervision.write_configuration())
        return told

    return read


def running(told):
    return {name.removeprefix("program:") for name in told.sections() if name.startswith("program:")}


def test_a_machine_with_nothing_runs_everything(supervised):
    assert running(supervised()) == set(ALL)


def test_what_the_desk_stands_on_starts_before_it_and_ends_after_it(supervised):
    told = supervised()
    assert told["group:dependencies"]["programs"] == "broker,sandbox"
    assert int(told["group:dependencies"]["priority"]) < int(told["group:desk"]["priority"])


def test_a_broker_that_was_given_is_not_started_again(monkeypatch, supervised):
    monkeypatch.setenv("REDIS_URL", "redis://broker/0")
    assert running(supervised()) == set(ALL) - {"broker"}


def test_with_a_key_no_sandbox_runs(settings, supervised):
    settings.LEGITSMS_API_KEY = "a key"
    assert running(supervised()) == set(ALL) - {"sandbox"}


def test_every_role_is_started_again_when_it_dies(supervised):
    told = supervised()
    assert {told[f"program:{role}"]["autorestart"] for role in ALL} == {"true"}


def test_the_sandbox_listens_for_this_machine_alone_although_the_web_listens_to_others(monkeypatch, supervised):
    monkeypatch.setenv("BIND", "0.0.0.0")  # noqa: S104
    assert supervised()["program:sandbox"]["environment"] == 'BIND="127.0.0.1"'


def test_no_secret_is_in_the_supervisors_configuration(settings):
    assert settings.SECRET_KEY not in supervision.write_configuration().read_text()
