"""A worker whose acknowledgements fail goes on taking messages."""

from contextlib import contextmanager

import pytest
import redis
from kombu.transport.redis import Channel

from legitsms_site.celery import app
from legitsms_site.kombu_fixes import ReleasingQoS


class DeadBroker:
    """A channel to a broker that has just been killed."""

    do_restore = False
    unacked_index_key = unacked_key = "unacked"

    @contextmanager
    def conn_or_acquire(self, _client):
        raise redis.ConnectionError
        yield


@pytest.fixture
def full():
    """Hands that are full: one message of at most one."""
    qos = ReleasingQoS(DeadBroker(), prefetch_count=1)
    qos._delivered["a message"] = None
    assert not qos.can_consume()
    return qos


def test_a_message_that_cannot_be_acknowledged_takes_no_workers_place(full):
    with pytest.raises(redis.ConnectionError):
        full.ack("a message")
    assert full.can_consume()


@pytest.mark.parametrize("requeue", [True, False])
def test_a_message_that_cannot_be_turned_down_takes_no_workers_place(full, requeue):
    with pytest.raises(redis.ConnectionError):
        full.reject("a message", requeue)
    assert full.can_consume()


def test_the_desks_workers_count_so():
    assert app.main
    assert Channel.QoS is ReleasingQoS
