"""No request is sent to LegitSMS without a slot of the budget."""

import inspect
from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.utils import timezone

from legitsms import Client, TooManyRequests, Waiting
from legitsms.sandbox import Sandbox
from provider import budget, paced_client, upstream
from provider.choices import Upstream
from provider.models import RequestBudget
from provider.paced_client import NoSlot, PacedClient, Priority
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db
LIVE, SANDBOX = Upstream.LIVE, Upstream.SANDBOX
CALLS = [name for name, _ in inspect.getmembers(Client, inspect.isfunction) if not name.startswith("_")]
OFFER = {"service": "wa", "country": "187", "server": 1}
ARGUMENTS = {
    "get_number": ((), OFFER),
    "get_price": ((), OFFER),
    "get_balance": ((), {}),
    "get_countries": ((1,), {}),
    "get_services": ((1,), {}),
}


@pytest.fixture(autouse=True)
def limited(settings, monkeypatch):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 30
    monkeypatch.setattr(paced_client, "_refused", {})


@pytest.fixture
def slept(monkeypatch):
    """Nobody sleeps: the time goes on at once. Returns the seconds that would have been slept."""
    pauses, passed = [], [0.0]

    def sleep(seconds):
        pauses.append(seconds)
        passed[0] += seconds
        clock.shift(timedelta(seconds=seconds))

    monkeypatch.setattr(paced_client, "sleep", sleep)
    monkeypatch.setattr(paced_client, "monotonic", lambda: passed[0])
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield pauses


def make_client(*answers, priority=Priority.MONEY):
    fake = FakeClient(*answers)
    return PacedClient(LIVE, fake, priority), fake


def slots():
    return RequestBudget.objects.get(upstream=LIVE).last_slot_at


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("priority", Priority)
def test_every_call_takes_a_slot(slept, name, priority):
    client, fake = make_client(priority=priority)
    given, named = ARGUMENTS.get(name, (("123",), {}))
    getattr(client, name)(*given, **named)
    assert slots()
    assert fake.calls == [name]


def test_a_second_request_waits_for_the_slot_after_the_first(slept):
    client, _ = make_client()
    [client.get_status("1") for _ in range(2)]
    assert sum(slept) == pytest.approx(2.1, abs=0.2)


def test_money_waits_for_30_s_in_all_and_no_longer(slept):
    [budget.book(LIVE) for _ in range(13)]
    client, fake = make_client()
    client.get_status("1")
    client.get_status("1")
    with pytest.raises(NoSlot):
        client.get_status("1")
    assert len(fake.calls) == 2


@pytest.mark.parametrize("priority", [Priority.POLL, Priority.BACKGROUND_LIST])
def test_who_finds_no_free_slot_sends_nothing(slept, priority):
    [budget.book(LIVE) for _ in range(3)]
    client, fake = make_client(priority=priority)
    with pytest.raises(NoSlot):
        client.get_countries(1)
    assert fake.calls == []


def test_a_poll_uses_a_slot_that_was_taken(slept):
    client, fake = make_client(priority=Priority.POLL)
    assert client.take(5) == 1
    client.get_status("1")
    with pytest.raises(NoSlot):
        client.get_status("2")
    assert len(fake.calls) == 1


def test_a_request_that_is_late_gives_its_slot_up_and_takes_another(monkeypatch, slept):
    client, _ = make_client()
    client.wait()
    first, real = slots(), paced_client.monotonic
    monkeypatch.setattr(paced_client, "monotonic", lambda: real() + 0.4)
    client.get_status("1")
    assert slots() > first


def test_a_purchase_that_misses_its_slot_is_not_sent(monkeypatch, slept):
    client, fake = make_client()
    client.wait()
    real = paced_client.monotonic
    monkeypatch.setattr(paced_client, "monotonic", lambda: real() + 0.4)
    with pytest.raises(NoSlot):
        client.get_number(**OFFER)
    assert fake.calls == []


def test_the_wait_leaves_time_for_what_is_written_before_the_request(slept):
    budget.book(LIVE)
    client, _ = make_client()
    assert client.wait()
    assert sum(slept) == pytest.approx(2.1 - paced_client.LEAD, abs=0.2)


def test_a_refusal_pauses_everybody(slept):
    client, _ = make_client(TooManyRequests("HTTP 429", "", timedelta(seconds=20)))
    with pytest.raises(TooManyRequests):
        client.get_status("1")
    assert budget.take(LIVE, 1) == []
    assert budget.book(LIVE) - timezone.now() > timedelta(seconds=19)


def test_a_booked_slot_in_a_pause_is_given_up(slept):
    waiting, fake = make_client()
    waiting.wait()
    budget.penalize(LIVE, timedelta(seconds=20), timezone.now())
    waiting.get_status("1")
    assert sum(slept) > 19
    assert len(fake.calls) == 1


def test_without_a_limit_a_call_costs_no_query(settings, django_assert_num_queries):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 0
    client, _ = make_client(Waiting())
    with django_assert_num_queries(0):
        assert (client.wait(), client.take(250)) == (False, 250)
        client.get_status("1")


@pytest.mark.django_db(transaction=True)
def test_the_slots_are_what_the_upstream_counts_and_it_refuses_none(settings):
    settings.SANDBOX_REQUESTS_PER_MINUTE = 60
    given = []

    def step():
        client = upstream.client(SANDBOX)
        for _ in range(3):
            client.get_countries(1)
            given.append(1)

    with Sandbox(requests_per_minute=60) as sandbox:
        settings.SANDBOX_URL = sandbox.url
        race(step, 3)
        ledger = sandbox.ledger()
    assert (len(given), ledger["rate_limit"]["served"], ledger["rate_limit"]["refused"]) == (9, 9, 0)
    times = [request["at"] for request in ledger["requests"]]
    assert min(second - first for first, second in pairwise(times)) >= 1
