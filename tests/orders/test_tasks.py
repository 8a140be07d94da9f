from datetime import timedelta
from time import monotonic

import pytest
from django.db import OperationalError
from django.utils import timezone

from legitsms import Closing, Code, NoNumbers, NotSent, Number, Waiting
from orders import tasks
from orders.lifecycle import buying
from orders.models import Heartbeat, Order
from provider.models import ProviderHealth
from team import pubsub
from tests.factories import make_line, make_order

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")


def test_a_bell_buys_the_number(alive, upstream_client):
    order = make_order()
    upstream_client.answers = [NUMBER]
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    assert (order.status, order.phone) == ("waiting", "12025550199")


def test_a_bell_that_rings_twice_buys_once(alive, upstream_client):
    order = make_order()
    upstream_client.answers = [NUMBER]
    [tasks.buy_number(order.pk) for _ in range(2)]
    assert upstream_client.calls == ["get_number"]


def test_after_one_number_the_next_of_the_purchase_is_rung_for(alive, upstream_client, bells):
    first, second = make_line("requested", "requested")
    upstream_client.answers = [NUMBER]
    tasks.buy_number(first.pk)
    assert bells == [("orders.buy_number", second.pk)]


def test_after_the_last_number_nothing_rings(alive, upstream_client, bells):
    upstream_client.answers = [NUMBER]
    tasks.buy_number(make_order().pk)
    assert bells == []


def test_a_refusal_ends_the_rest_of_the_purchase(alive, upstream_client):
    first, second, third = make_line("requested", "requested", "requested")
    upstream_client.answers = [NoNumbers("NO_NUMBERS")]
    [tasks.buy_number(order.pk) for order in (first, second, third)]
    outcomes = Order.objects.order_by("ordinal").values_list("status", "outcome")
    assert list(outcomes) == [("refused", "NO_NUMBERS"), ("refused", "stopped"), ("refused", "stopped")]
    assert upstream_client.calls == ["get_number"]


def test_what_could_not_be_sent_rings_for_nobody(alive, upstream_client, bells):
    first, _ = make_line("requested", "requested")
    upstream_client.answers = [NotSent("connect")]
    tasks.buy_number(first.pk)
    assert bells == []


def test_a_bell_cancels_what_is_due(upstream_client):
    order = make_order("waiting", cancel_at=timezone.now())
    upstream_client.answers = [Waiting(), Closing.CANCELLED]
    [tasks.send_requested_action(order.pk) for _ in range(2)]
    order.refresh_from_db()
    assert (order.status, upstream_client.calls) == ("cancelled", ["get_status", "cancel"])


def test_a_tick_asks_about_what_is_due(upstream_client):
    order = make_order("waiting")
    upstream_client.answers = [Code("123456")]
    tasks.poll_due()
    order.refresh_from_db()
    assert order.status == "received"


def test_a_tick_with_nothing_due_costs_one_question(upstream_client, django_assert_num_queries):
    with django_assert_num_queries(1):
        tasks.poll_due()


def test_the_tick_rings_for_every_row_that_a_lost_message_left_behind(upstream_client, bells):
    requested = make_order(requested_at=timezone.now() - timedelta(seconds=3))
    wished = make_order("waiting", cancel_at=timezone.now())
    tasks.recover()
    assert bells == [("orders.buy_number", requested.pk), ("orders.send_requested_action", wished.pk)]


def test_an_answer_that_the_database_could_not_take_is_repaired_by_the_tick(alive, upstream_client, monkeypatch):
    order = make_order()
    upstream_client.answers = [NUMBER]
    with monkeypatch.context() as away:
        away.setattr(buying, "record_number", database_away)
        with pytest.raises(OperationalError):
            tasks.buy_number(order.pk)
    Order.objects.update(buying_at=timezone.now() - timedelta(seconds=3))
    tasks.recover()
    order.refresh_from_db()
    assert (order.status, order.phone, upstream_client.calls) == ("waiting", "12025550199", ["get_number"])


def database_away(*_):
    raise OperationalError("the database went away")


def test_the_tick_sees_to_everything_that_was_left(upstream_client):
    lost = make_order("buying", buying_at=timezone.now() - timedelta(minutes=2))
    stale = make_order(not_after=timezone.now())
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    tasks.recover()
    found = dict(Order.objects.values_list("pk", "status"))
    assert found == {lost.pk: "unclear", stale.pk: "refused"}
    assert ProviderHealth.for_upstream("sandbox").bad_key_since is None


def test_a_broker_that_is_down_stops_no_bell_from_being_rung_later():
    assert tasks.enqueue(tasks.buy_number, 1) is None


def test_a_pulse_says_that_the_workers_of_a_queue_live():
    tasks.heartbeat("buy")
    assert Heartbeat.dead(("buy",)) == []


def test_no_pulse_for_half_a_minute_is_death():
    Heartbeat.objects.create(name="buy", at=timezone.now() - timedelta(seconds=31))
    assert Heartbeat.dead(("buy", "beat")) == ["buy", "beat"]


def test_a_bell_does_not_wait_for_a_broker_that_has_just_failed(monkeypatch):
    monkeypatch.setattr(pubsub, "_broken_until", monotonic() + 5)
    monkeypatch.setattr(tasks.buy_number, "apply_async", lambda *_, **__: pytest.fail("it was rung"))
    tasks.enqueue(tasks.buy_number, 1)
