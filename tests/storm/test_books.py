"""The oracle of the storm and the soak sees what it is for."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders.models import Order
from tests.factories import make_order
from tests.storm.books import compare, stuck

pytestmark = pytest.mark.django_db
OFFER = {"server": 1, "service": "wa", "country": "187"}


def book(*orders, purchases=1):
    return {"orders": list(orders), "purchases": [OFFER | {"server": "1"}] * purchases}


def entry(order_id, **fields):
    usual = {"id": order_id, "status": "received", "is_refunded": False, "codes": [], "handed_out": []}
    return usual | OFFER | fields


def bought(activation_id="1", status="waiting"):
    """An order that was leased once, and has its number."""
    order = make_order(status, activation_id=activation_id)
    order.events.create(what="moved", source="requested", target="buying")
    return order


def test_books_that_agree_have_no_fault():
    bought("1").codes.create(text="123")
    assert compare(book(entry("1", codes=["123"], handed_out=["123"]))).faults == []


def test_a_number_asked_for_twice_is_seen():
    bought("1")
    assert len(compare(book(entry("1"), purchases=2)).doubled) == 1


def test_an_order_leased_twice_is_seen():
    bought("1").events.create(what="moved", source="requested", target="buying")
    assert len(compare(book(entry("1"))).doubled) == 1


def test_an_order_leased_again_after_it_was_not_sent_is_none():
    order = bought("1")
    order.events.create(what="moved", source="buying", target="requested")
    order.events.create(what="moved", source="requested", target="buying")
    assert compare(book(entry("1"))).doubled == []


def test_a_number_that_nobody_here_knows_is_seen():
    bought("1")
    assert len(compare(book(entry("1"), entry("2"))).lost) == 1


@pytest.mark.parametrize(("status", "lost"), [("buying", 0), ("unclear", 0), ("refused", 1), ("requested", 1)])
def test_a_number_is_not_lost_only_where_we_admit_not_to_know(status, lost):
    make_order(status)
    assert len(compare(book(entry("2"), purchases=0)).lost) == lost


def test_a_code_that_was_told_and_is_not_stored_is_seen():
    bought("1")
    assert len(compare(book(entry("1", codes=["123"], handed_out=["123"]))).lost) == 1


@pytest.mark.parametrize("now", [{"status": "expired"}, {"codes": ["123", "456"]}])
def test_a_code_that_cannot_be_asked_for_again_is_told_from_one_that_can(now):
    bought("1")
    books = compare(book(entry("1", **{"codes": ["123"], "handed_out": ["123"]} | now)))
    assert (len(books.lost), len(books.unread)) == (0, 1)


@pytest.mark.parametrize("status", ["cancelled", "closed"])
def test_an_end_that_legitsms_does_not_know_of_is_seen(status):
    bought("1", status)
    assert len(compare(book(entry("1", status="waiting"))).wrong) == 1


def test_what_nothing_moves_any_more_is_seen():
    make_order("requested")
    late = bought("1")
    Order.objects.filter(pk=late.pk).update(next_poll_at=timezone.now() - timedelta(minutes=2))
    assert len(stuck(book(entry("1")))) == 2


def test_an_order_that_is_asked_about_is_not_stuck():
    bought("1")
    assert stuck(book(entry("1"))) == []


def test_a_code_that_was_never_asked_for_is_seen():
    bought("1")
    assert len(stuck(book(entry("1", codes=["123"])))) == 1
