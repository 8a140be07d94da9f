"""Which orders are polled while LegitSMS allows fewer requests than are due."""

from datetime import timedelta

import pytest
from django.utils import timezone

from legitsms import TooManyRequests, UncertainRateLimit, Waiting
from orders.lifecycle import answers
from orders.models import Order
from orders.worker import polling
from orders.worker.poll_order import hazard
from provider.choices import Upstream
from provider.models import ProviderHealth
from provider.paced_client import NoSlot
from tests.factories import make_order, make_received
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db
SANDBOX = Upstream.SANDBOX


class Scarce(FakeClient):
    """Gives `slots` slots to each sweep."""

    def __init__(self, slots, *answers):
        super().__init__(*answers)
        self.slots, self.wanted, self.is_limited = slots, [], True

    def take(self, most):
        self.wanted.append(most)
        return min(most, self.slots)


def make_waiting(age, unasked):
    now = timezone.now()
    times = {"bought_at": now - timedelta(seconds=age), "asked_at": now - timedelta(seconds=unasked)}
    return make_order("waiting", **times)


def leased(slots):
    return [lease.pk for lease in polling.lease_due(SANDBOX, Scarce(slots).take)]


def test_only_as_many_orders_are_leased_as_there_are_slots():
    [make_order("waiting") for _ in range(5)]
    assert len(leased(2)) == 2
    assert len(leased(5)) == 3


def test_no_more_slots_are_taken_than_orders_are_due():
    client = Scarce(9)
    [make_order("waiting") for _ in range(2)]
    polling.sweep(SANDBOX, client)
    assert (client.wanted, client.calls) == ([2], ["get_status"] * 2)


def test_without_a_slot_nothing_is_asked_and_every_order_stays_due():
    order = make_order("waiting")
    assert leased(0) == []
    assert Order.objects.get().next_poll_at == order.next_poll_at


def test_a_young_order_is_asked_before_an_old_one():
    old, young = make_waiting(age=900, unasked=20), make_waiting(age=40, unasked=10)
    assert leased(1) == [young.pk]
    assert leased(1) == [old.pk]


def test_an_old_order_is_not_forgotten():
    old, _ = make_waiting(age=900, unasked=40), make_waiting(age=40, unasked=4)
    assert leased(1) == [old.pk]


def test_an_order_that_waits_for_its_code_is_asked_before_one_that_has_it():
    asked_at = timezone.now() - timedelta(seconds=60)
    received, waiting = make_received(asked_at=asked_at, next_poll_at=timezone.now()), make_waiting(900, 30)
    assert leased(1) == [waiting.pk]
    assert leased(1) == [received.pk]


def test_an_order_that_was_asked_three_seconds_ago_or_less_is_not_asked():
    make_order("waiting", next_poll_at=timezone.now() + timedelta(seconds=1))
    assert leased(5) == []


def test_a_code_is_likeliest_in_the_first_minute():
    ages = [timedelta(seconds=age) for age in (20, 45, 90, 200, 500, 900)]
    values = [hazard(age) for age in ages]
    assert values == sorted(values, reverse=True)


def test_without_a_limit_the_query_is_as_ever(django_assert_num_queries):
    [make_order("waiting") for _ in range(3)]
    with django_assert_num_queries(6):  # is one due, health, savepoint, lease, write, release
        assert len(polling.lease_due(SANDBOX)) == 3


# --- Refused and unsent polls


@pytest.mark.parametrize("refusal", [TooManyRequests("HTTP 429"), UncertainRateLimit("HTTP 503")])
def test_a_refused_poll_costs_its_turn_and_nothing_more(refusal):
    order = make_waiting(age=100, unasked=100)
    polling.sweep(SANDBOX, FakeClient(refusal))
    asked = Order.objects.get()
    assert (asked.status, asked.poll_failures, asked.problem, asked.is_unchecked) == ("waiting", 0, "", False)
    assert asked.next_poll_at - timezone.now() <= timedelta(seconds=3)
    assert not order.events.exists()
    assert ProviderHealth.for_upstream(SANDBOX).silent_since is None


def test_a_refused_poll_says_nothing_about_the_key():
    make_order("waiting")
    ProviderHealth.mark(SANDBOX, bad_key_since=timezone.now())
    polling.sweep(SANDBOX, FakeClient(TooManyRequests("HTTP 429")))
    assert ProviderHealth.for_upstream(SANDBOX).bad_key_since


def no_slot():
    raise NoSlot


def test_an_order_whose_slot_was_missed_is_due_as_before():
    order = make_waiting(age=100, unasked=50)
    polling.sweep(SANDBOX, FakeClient(no_slot))
    unsent = Order.objects.get()
    assert (unsent.next_poll_at, unsent.asked_at, unsent.polled_at) == (order.next_poll_at, order.asked_at, None)


@pytest.mark.parametrize(("per_minute", "is_unchecked"), [(0, True), (30, False)])
def test_not_checked_means_later_than_the_budget_promises(settings, per_minute, is_unchecked):
    settings.SANDBOX_REQUESTS_PER_MINUTE = per_minute
    orders = [make_waiting(age=40, unasked=40) for _ in range(10)]
    answers.record_no_answer(orders[0], "timeout")
    assert Order.objects.get(pk=orders[0].pk).is_unchecked == is_unchecked


def test_a_sweep_with_slots_records_what_was_answered():
    make_order("waiting")
    polling.sweep(SANDBOX, Scarce(1, Waiting()))
    assert Order.objects.get().polled_at
