from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from orders import tasks
from orders.intervals import POLL_ENDED_FOR
from orders.lifecycle import answers
from orders.models import Heartbeat, Order
from orders.worker import clock, polling
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_heartbeats, make_order, make_received

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def set_back():
    """Set the clock back by an hour: what was written before lies ahead."""

    def step():
        return time_machine.travel(timezone.now() - HOUR)

    return step


def ahead(order, field):
    """How far the time in `field` lies ahead."""
    order.refresh_from_db()
    return getattr(order, field) - timezone.now()


@pytest.mark.parametrize("status", ["waiting", "received"])
def test_after_a_clock_was_set_back_orders_are_asked_about_as_before(set_back, status):
    order = make_order(status)
    with set_back():
        clock.repair()
        assert ahead(order, "next_poll_at") <= order.poll_every


def test_a_process_that_slept_before_it_looked_pulls_nothing_in(monkeypatch):
    order, real = make_order("waiting"), clock.far_ahead
    looks = iter([timezone.now() - HOUR])
    monkeypatch.setattr(clock, "far_ahead", lambda now: real(next(looks, now)))
    before = order.next_poll_at
    clock.repair()
    order.refresh_from_db()
    assert (order.next_poll_at, list(looks)) == (before, [])


def test_after_a_clock_was_set_back_a_cancel_waits_no_longer_than_usual(set_back, settings):
    order = make_order("waiting", cancel_at=timezone.now() + settings.CANCEL_AFTER)
    with set_back():
        clock.repair()
        assert ahead(order, "cancel_at") <= timedelta(seconds=125)
        assert ahead(order, "bought_at") <= timedelta(0)


def test_after_a_clock_was_set_back_what_ended_is_asked_about_as_long_as_before(set_back):
    now = timezone.now()
    order = make_order("closed", next_poll_at=now, ask_until=now + POLL_ENDED_FOR, poll_every=timedelta(minutes=1))
    with set_back():
        clock.repair()
        assert ahead(order, "next_poll_at") <= order.poll_every
        assert ahead(order, "ask_until") <= POLL_ENDED_FOR


def test_after_a_clock_was_set_back_done_is_sent(set_back):
    order = make_received(finish_at=timezone.now())
    with set_back():
        clock.repair()
        assert Order.objects.with_due_action(timezone.now()).get() == order


def test_a_request_is_no_surprise_purchase_when_the_clock_comes_back_to_it(set_back):
    order = make_order()
    with set_back():
        clock.repair()
        assert ahead(order, "not_after") <= timedelta(seconds=120)
        assert ahead(order, "next_attempt_at") <= timedelta(0)


def test_a_lost_purchase_is_noticed_although_it_began_in_the_future(set_back):
    order = make_order("buying")
    with set_back():
        clock.repair()
        assert ahead(order, "buying_at") <= timedelta(0)


def test_a_refused_key_is_probed_although_its_last_probe_lies_in_the_future(set_back):
    make_order("waiting")
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now(), probed_at=timezone.now())
    with set_back():
        clock.repair()
        assert ProviderHealth.lease_probe("sandbox")


def test_a_sign_of_life_from_the_future_is_none(set_back):
    make_heartbeats()
    with set_back():
        assert Heartbeat.dead() == ["beat", "polling"]


def test_what_rests_for_good_reason_is_left_to_rest():
    order = make_order("waiting")
    answers.postpone(order.pk)
    Order.objects.update(next_poll_at=timezone.now() + HOUR)
    clock.repair()
    assert ahead(order, "next_poll_at") > timedelta(minutes=59)


def test_with_a_clock_that_goes_right_nothing_is_changed(django_assert_num_queries):
    make_order("waiting")
    make_order("requested")
    make_order("buying")
    polling.lease_due(Upstream.SANDBOX)
    with django_assert_num_queries(1):
        clock.repair()


def test_what_is_under_way_is_found_without_reading_what_is_over():
    if connection.vendor == "postgresql":
        connection.cursor().execute("SET LOCAL enable_seqscan = off")  # it reads a small table whole
    plan = Order.objects.under_way().explain()
    assert ("order_due" in plan, "Seq Scan" in plan, "SCAN" in plan) == (True, False, False), plan


def under_way():
    """One order of each kind that waits for something."""
    now = timezone.now()
    return [
        make_order("requested"),
        make_order("buying"),
        make_order("waiting", polled_at=now),
        make_received(finish_at=now + timedelta(seconds=5)),
        make_order("closed", next_poll_at=now, ask_until=now + timedelta(minutes=9)),
    ]


def as_it_was(order):
    fields = ("status", "version", "needs_attention", "cancel_at")
    return [getattr(Order.objects.get(pk=order.pk), field) for field in fields]


@pytest.mark.parametrize("times", [1, 2], ids=["one beat", "two beats"])
def test_after_a_clock_was_set_forward_everything_under_way_goes_on(alive, bells, times):
    orders = under_way()
    before = [as_it_was(order) for order in orders]
    with time_machine.travel(timezone.now() + 2 * HOUR):
        [clock.set_forward(2 * HOUR) for _ in range(times)]
        tasks.recover()
        assert [as_it_was(order) for order in orders] == before
        assert ahead(orders[2], "next_poll_at") <= orders[2].poll_every
        assert ahead(orders[4], "ask_until") > timedelta(minutes=8)
        assert Heartbeat.dead() == ([] if times == 1 else ["beat", "polling"])


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_jumps_ends_no_order_by_itself(alive, hours):
    orders = [make_order("waiting"), make_received()]
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        clock.repair()
        assert [Order.objects.get(pk=order.pk).status for order in orders] == ["waiting", "received"]
