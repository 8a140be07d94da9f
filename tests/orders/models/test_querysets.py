from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from orders.lifecycle import transitions
from orders.models import Order
from orders.models.cost import Cost
from orders.presentation import wording
from tests.factories import make_order

pytestmark = pytest.mark.django_db

OFFER = {"server": 1, "country": "187", "service": "wa"}


def ago(seconds):
    return timezone.now() - timedelta(seconds=seconds)


def seen_by(member):
    return list(Order.objects.just_bought_by_others(member, **OFFER))


@pytest.mark.parametrize("status", ["requested", "buying", "waiting", "received", "unclear"])
def test_a_member_learns_what_another_bought_a_moment_ago(member, colleague, status):
    order = make_order(status, owner=colleague, requested_at=ago(4))
    assert seen_by(member) == [order]
    assert wording.bought_by_other(order) == "Ben bought this 4 s ago. Buy another?"


def test_the_latest_of_them_comes_first(member, colleague):
    older, newer = (make_order(owner=colleague, requested_at=ago(seconds)) for seconds in (5, 2))
    assert seen_by(member) == [newer, older]


@pytest.mark.parametrize("other", [{"server": 2}, {"country": "1"}, {"service": "tg"}, {"status": "refused"}])
def test_what_is_not_the_same_or_was_not_bought_is_no_news(member, colleague, other):
    make_order(**{"status": "waiting", "owner": colleague} | other)
    assert seen_by(member) == []


def test_after_ten_seconds_it_is_no_news(member, colleague):
    make_order("waiting", owner=colleague, requested_at=ago(11))
    assert seen_by(member) == []


def test_a_members_own_purchases_are_no_news(member):
    make_order("waiting", owner=member)
    assert seen_by(member) == []


def test_what_a_member_bought_and_handed_over_is_no_news_to_them(member, colleague):
    order = make_order("waiting", owner=member)
    transitions.change(order, "reassigned", member, owner=colleague)
    assert seen_by(member) == []


# --- Money


def test_a_cost_tells_known_estimated_and_unknown_prices_apart():
    make_order("waiting", price=Decimal("1.20"), estimate=Decimal(9))
    make_order("finished", price=Decimal("0.0001"))
    make_order("unclear", estimate=Decimal("0.40"))
    make_order("closed")
    cost = Order.objects.costing().cost()
    assert cost == Cost(4, Decimal("1.2001"), Decimal("0.40"), 1)
    assert cost.amount == Decimal("1.6001")


def test_nothing_costs_nothing():
    assert Order.objects.costing().cost() == Cost(0, Decimal(0), Decimal(0), 0)


def test_what_was_refused_or_refunded_costs_nothing():
    [make_order(status, price=Decimal(1)) for status in ("refused", "cancelled")]
    assert Order.objects.costing().cost().numbers == 0


def test_what_was_refunded_can_be_summed_up_too():
    make_order("cancelled", price=Decimal("1.20"))
    assert Order.objects.filter(status="cancelled").cost().known == Decimal("1.20")


def test_costs_are_told_apart_by_member_and_by_purpose(member, colleague):
    make_order("waiting", owner=member, price=Decimal(1), note="ticket 7")
    make_order("finished", owner=member, price=Decimal(2), note="ticket 7")
    make_order("waiting", owner=colleague)
    orders = Order.objects.costing()
    assert orders.cost_by("purchase__buyer") == {member.pk: Cost(2, Decimal(3)), colleague.pk: Cost(1, unknown=1)}
    assert orders.cost_by("note") == {"ticket 7": Cost(2, Decimal(3)), "": Cost(1, unknown=1)}


def test_costs_are_of_what_was_asked_for_between_two_moments():
    start, end = ago(100), ago(50)
    [make_order("waiting", requested_at=moment, price=Decimal(1)) for moment in (ago(101), start, end, ago(0))]
    assert Order.objects.requested_between(start, end).cost().numbers == 1
    assert Order.objects.requested_between(start).cost().numbers == 3
