from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from orders.models import Heartbeat
from team import pubsub
from tests.factories import make_heartbeats

pytestmark = pytest.mark.django_db

ALL = {"database", "broker", "worker", "beat"}


class Broker:
    def __init__(self, fault=None):
        self.fault = fault

    def ping(self):
        if self.fault:
            raise self.fault
        return True


@pytest.fixture
def broker(monkeypatch):
    made = Broker()
    monkeypatch.setattr(pubsub, "broker", lambda: made)
    return made


def troubles(client):
    response = client.get("/readyz")
    return response.status_code, {name for name, is_well in response.json().items() if not is_well}


def test_a_process_that_lives_says_so_to_anyone(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_a_desk_that_can_work_says_so_to_anyone(client, broker, alive):
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, dict.fromkeys(ALL, True))


def test_a_broker_that_is_not_there_is_noticed(client, alive):
    assert troubles(client) == (503, {"broker"})


@pytest.mark.parametrize("fault", [redis.TimeoutError(), redis.ConnectionError(), redis.AuthenticationError()])
def test_a_broker_that_does_not_answer_is_noticed(client, broker, alive, fault):
    broker.fault = fault
    assert troubles(client) == (503, {"broker"})


@pytest.mark.parametrize("name", ["polling", "purchasing"])
def test_a_dead_worker_is_noticed(client, broker, alive, name):
    Heartbeat.objects.filter(name=name).update(at=timezone.now() - timedelta(minutes=1))
    assert troubles(client) == (503, {"worker"})


def test_a_dead_beat_is_noticed(client, broker):
    make_heartbeats("polling", "purchasing", "catalog")
    assert troubles(client) == (503, {"beat"})


def test_a_database_that_does_not_answer_is_noticed(client, broker, alive, monkeypatch):
    from django.db import DatabaseError, connection

    def gone(*_):
        raise DatabaseError

    monkeypatch.setattr(connection, "cursor", gone)
    assert troubles(client) == (503, {"database", "worker", "beat"})


@pytest.mark.parametrize("url", ["/healthz", "/readyz"])
def test_health_is_only_looked_at(client, url):
    assert client.post(url).status_code == 405
