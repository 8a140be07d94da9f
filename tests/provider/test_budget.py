"""The slots of the request budget, on whichever database the tests run."""

from datetime import timedelta
from itertools import pairwise

import pytest
import time_machine
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.utils import timezone

from legitsms_site.environment import per_minute
from provider import budget
from provider.choices import Upstream
from provider.models import RequestBudget
from team.models import Policy
from tests.factories import make_roles
from tests.racing import race

pytestmark = pytest.mark.django_db
LIVE, SANDBOX = Upstream.LIVE, Upstream.SANDBOX
SPACING = timedelta(seconds=2.1)


@pytest.fixture(autouse=True)
def limited(settings):
    """30 requests a minute for LegitSMS, no limit for the sandbox."""
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 30
    settings.SANDBOX_REQUESTS_PER_MINUTE = 0


@pytest.fixture
def learned(settings):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = None
    Policy.current()


@pytest.fixture
def still():
    """The clock stands still, and is moved by hand."""
    with time_machine.travel(timezone.now(), tick=False) as clock:
        yield clock


def row():
    return RequestBudget.objects.get(upstream=LIVE)


# --- Slots


def test_booked_slots_lie_a_little_further_apart_than_the_limit_asks(still):
    first, second, third = (budget.book(LIVE) for _ in range(3))
    assert (second - first, third - second) == (SPACING, SPACING)


def test_no_slot_is_booked_more_than_30_s_ahead(still):
    now = timezone.now()
    booked = [slot for _ in range(40) if (slot := budget.book(LIVE))]
    assert max(booked) - now <= timedelta(seconds=30)
    assert len(booked) == 15


def test_polls_take_what_is_free_and_book_nothing(still):
    assert len(budget.take(LIVE, 5)) == 1
    assert budget.take(LIVE, 5) == []
    still.shift(SPACING - timedelta(seconds=0.3))
    assert budget.take(LIVE, 5) == []
    still.shift(timedelta(seconds=0.1))
    assert len(budget.take(LIVE, 5)) == 1  # it is free before the next sweep


def test_money_goes_first(still):
    slot = budget.book(LIVE)
    waiting = budget.book(LIVE)
    still.shift(SPACING)
    assert budget.take(LIVE, 1) == []
    assert (slot, waiting) == (timezone.now() - SPACING, timezone.now())


def test_a_fast_limit_gives_a_whole_sweep_in_one_step(still, settings, django_assert_num_queries):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 6000
    budget.book(LIVE)
    with django_assert_num_queries(5):  # is it scarce, savepoint, lock, write, release
        slots = budget.take(LIVE, 250)
    assert len(slots) == 23
    assert {second - first for first, second in pairwise(slots)} == {timedelta(seconds=0.0105)}


def test_without_a_limit_nothing_is_asked_of_the_database(settings, django_assert_num_queries):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 0
    with django_assert_num_queries(0):
        assert budget.book(SANDBOX)
        assert len(budget.take(SANDBOX, 250)) == 250
        assert budget.take_for_list(SANDBOX, 10)
        budget.penalize(SANDBOX, timedelta(hours=1), timezone.now())
        budget.repair()


def test_while_nothing_is_free_a_sweep_writes_nothing(still, django_assert_num_queries):
    budget.take(LIVE, 5)
    with django_assert_num_queries(1):
        assert budget.take(LIVE, 5) == []


# --- Lists


def test_a_list_takes_the_next_slot_only_and_waits_for_no_other(still):
    assert budget.take_for_list(LIVE, 10)
    assert budget.take_for_list(LIVE, 10) == timezone.now() + SPACING
    assert budget.take_for_list(LIVE, 10) is None


@pytest.mark.parametrize("every", [3, 10])
def test_while_numbers_wait_lists_get_each_third_or_tenth_slot_at_most(still, every):
    slots = {"list": 0, "polls": 0}
    for _ in range(340):
        slots["list"] += bool(budget.take_for_list(LIVE, every))
        slots["polls"] += len(budget.take(LIVE, 5))
        still.shift(timedelta(seconds=0.25))
    assert sum(slots.values()) >= 38
    assert 0.8 / every <= slots["list"] / sum(slots.values()) <= 1.5 / every


# --- Refusals


@pytest.mark.parametrize(("asked", "pause"), [(None, 4.2), (10, 10), (36000, 60)])
def test_after_a_refusal_nothing_leaves_until_its_pause_is_over(still, asked, pause):
    now = budget.book(LIVE)
    budget.penalize(LIVE, None if asked is None else timedelta(seconds=asked), now)
    still.shift(timedelta(seconds=pause - 0.3))
    assert budget.take(LIVE, 5) == []
    still.shift(timedelta(seconds=0.3))
    assert len(budget.take(LIVE, 5)) == 1


def test_a_slot_that_was_booked_before_a_refusal_is_known_to_be_in_its_pause(still):
    sent, booked = budget.book(LIVE), budget.book(LIVE)
    budget.penalize(LIVE, timedelta(seconds=10), sent)
    assert budget.is_paused(LIVE, booked)
    assert not budget.is_paused(LIVE, booked + timedelta(seconds=10))


def test_several_refusals_of_one_rate_slow_it_down_once(still, learned):
    slots = [budget.book(LIVE) for _ in range(3)]
    still.shift(timedelta(seconds=10))
    for slot in slots:
        budget.penalize(LIVE, None, slot)
    assert row().per_minute == 15


def test_a_refusal_never_changes_a_rate_that_was_set(still):
    budget.penalize(LIVE, None, budget.book(LIVE))
    still.shift(timedelta(seconds=60))
    first, second = budget.book(LIVE), budget.book(LIVE)
    assert second - first == SPACING


# --- Learning


def test_only_polls_try_a_faster_rate(still, learned):
    RequestBudget.objects.create(upstream=LIVE, per_minute=60, known_good=30)
    [polled] = budget.take(LIVE, 1)
    booked = budget.book(LIVE)
    assert booked - polled == SPACING
    still.shift(timedelta(seconds=10))
    [first] = budget.take(LIVE, 1)
    still.shift(timedelta(seconds=1.05))
    assert budget.take(LIVE, 1) == [first + timedelta(seconds=1.05)]


def test_demand_of_polls_for_a_minute_doubles_the_rate(still, learned):
    for _ in range(63 * 4):
        budget.take(LIVE, 5)
        still.shift(timedelta(seconds=0.25))
    assert row().per_minute == 60


def test_demand_that_is_satisfied_changes_nothing(still, learned):
    for _ in range(200):
        budget.take(LIVE, 1)
        still.shift(timedelta(seconds=3))
    assert row().per_minute == 30


def test_what_was_learned_is_no_limit_of_the_sandbox(learned):
    assert (budget.limit(LIVE), budget.is_limited(LIVE), budget.is_limited(SANDBOX)) == (None, True, False)


# --- A clock that is set


def test_a_clock_set_back_stops_nothing_for_longer_than_a_pause(still):
    budget.book(LIVE)
    still.shift(timedelta(hours=-3))
    assert budget.book(LIVE) - timezone.now() <= timedelta(seconds=90)
    assert budget.take(LIVE, 1) == []


def test_a_clock_set_back_keeps_polls_going(still):
    budget.take(LIVE, 1)
    still.shift(timedelta(hours=-3))
    assert len(budget.take(LIVE, 1)) == 1


def test_a_clock_set_forward_lets_no_burst_through(still):
    budget.book(LIVE)
    still.shift(timedelta(hours=3))
    assert len(budget.take(LIVE, 50)) == 1


def test_the_repair_after_a_clock_was_set_back_includes_the_budget(still):
    RequestBudget.objects.create(upstream=LIVE, next_free_at=timezone.now() + timedelta(hours=3))
    budget.repair()
    assert row().next_free_at <= timezone.now()


# --- Many at once


@pytest.mark.django_db(transaction=True)
def test_eight_workers_never_get_slots_nearer_than_the_limit(settings):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = 1200
    make_roles()
    distance = timedelta(seconds=0.0525)

    def step():
        return [slot for _ in range(10) for slot in (budget.book(LIVE), *budget.take(LIVE, 3))]

    slots = sorted(slot for given in race(step, 8) for slot in given)
    assert len(slots) >= 80
    assert min(second - first for first, second in pairwise(slots)) >= distance


# --- What is set


def test_the_environment_wins_over_the_policy(settings):
    Policy.objects.update_or_create(pk=1, defaults={"requests_per_minute": 99})
    assert budget.limit(LIVE) == 30
    settings.LEGITSMS_REQUESTS_PER_MINUTE = None
    assert budget.limit(LIVE) == 99


def test_a_policy_of_0_is_no_limit(settings):
    settings.LEGITSMS_REQUESTS_PER_MINUTE = None
    Policy.objects.update_or_create(pk=1, defaults={"requests_per_minute": 0})
    assert not budget.is_limited(LIVE)


@pytest.mark.parametrize("wrong", ["-1", "1000000000", "fast", "1.5", "٣"])
def test_a_wrong_variable_stops_the_start_with_its_name(monkeypatch, wrong):
    monkeypatch.setenv("LEGITSMS_REQUESTS_PER_MINUTE", wrong)
    with pytest.raises(ImproperlyConfigured, match="LEGITSMS_REQUESTS_PER_MINUTE must be a whole number from 0"):
        per_minute("LEGITSMS_REQUESTS_PER_MINUTE")


@pytest.mark.parametrize(("text", "number"), [("", None), ("0", 0), ("30", 30), ("6000", 6000)])
def test_a_right_variable_is_its_number(monkeypatch, text, number):
    monkeypatch.setenv("LEGITSMS_REQUESTS_PER_MINUTE", text)
    assert per_minute("LEGITSMS_REQUESTS_PER_MINUTE") == number


@pytest.mark.parametrize("wrong", [-1, 10**9, "fast"])
def test_a_wrong_policy_is_refused(wrong):
    with pytest.raises(ValidationError) as refused:
        Policy(requests_per_minute=wrong).full_clean()
    assert list(refused.value.message_dict) == ["requests_per_minute"]
