from datetime import timedelta

import pytest
from django.utils import timezone

from orders import words
from orders.models import Order
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
    assert words.just_bought(order) == "Ben bought this 4 s ago. Buy another?"


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
    order.change("handed over", member, owner=colleague)
    assert seen_by(member) == []
