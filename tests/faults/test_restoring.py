"""The database is one of some minutes ago again, while LegitSMS and the journal have gone on (F65)."""

from datetime import timedelta

import pytest
from django.utils import timezone

from orders import tasks
from orders.models import Code, Order, OrderEvent
from orders.worker import recovery
from tests.factories import make_order, make_purchase

pytestmark = pytest.mark.django_db

OLD = {"requested_at": timedelta(minutes=10), "not_after": timedelta(minutes=8)}
BUYING = {"status": "requested", "attempt": None, "buying_at": None}


def restore(order, **fields):
    """Make the row again what it was before it was bought."""
    before = {"activation_id": "", "phone": "", "bought_at": None, "next_poll_at": None, "ended_at": None}
    Order.objects.filter(pk=order.pk).update(**before | fields)
    OrderEvent.objects.filter(order=order).delete()


@pytest.fixture
def order(alive, sandbox):
    """An order that was bought."""
    made = make_order(service="sbnever")
    tasks.buy_number(made.pk)
    made.refresh_from_db()
    return made


@pytest.mark.parametrize("minutes", [0, 10])
def test_a_request_that_was_bought_since_the_backup_gets_its_number_and_is_not_bought_again(order, books, minutes):
    ago = timedelta(minutes=minutes)
    restore(order, **BUYING, requested_at=order.requested_at - ago, not_after=order.not_after - ago)
    tasks.recover()
    tasks.buy_number(order.pk)
    found = Order.objects.get()
    assert (found.status, found.activation_id, books()) == ("waiting", order.activation_id, (1, 1))


def test_a_bell_before_the_tick_does_not_buy_again_either(order, books):
    restore(order, **BUYING)
    tasks.buy_number(order.pk)
    found = Order.objects.get()
    assert (found.status, found.activation_id, books()) == ("waiting", order.activation_id, (1, 1))


def test_a_purchase_that_was_under_way_at_the_backup_gets_its_number(order, books):
    restore(order, status="buying", buying_at=timezone.now() - timedelta(minutes=10))
    tasks.recover()
    assert (Order.objects.get().activation_id, books()) == (order.activation_id, (1, 1))


def test_what_waited_at_the_backup_is_asked_about_and_gets_its_code(order, sandbox):
    sandbox.deliver(order.activation_id, "445566")
    Order.objects.update(next_poll_at=timezone.now() - timedelta(minutes=10))
    tasks.poll_due()
    found = Order.objects.get()
    assert (found.status, found.codes.get().text) == ("received", "445566")


def test_a_code_that_came_since_the_backup_is_there_again_although_legitsms_tells_another_by_now(order, sandbox):
    sandbox.deliver(order.activation_id, "445566")
    Order.objects.update(next_poll_at=timezone.now())
    tasks.poll_due()
    Code.objects.all().delete()
    Order.objects.update(status="waiting", received_at=None)
    sandbox.deliver(order.activation_id, "second")
    tasks.recover()
    found = Order.objects.get()
    assert (found.status, found.codes.get().text) == ("received", "445566")


def test_an_order_that_got_the_row_of_a_lost_one_does_not_get_its_number(order, sandbox):
    pk = order.pk
    Order.objects.all().delete()
    make_order("buying", pk=pk, purchase=make_purchase(), buying_at=timezone.now() - timedelta(minutes=2))
    tasks.recover()
    assert Order.objects.get().status == "unclear"


def test_a_number_whose_order_was_lost_is_known_by_the_journal(order):
    assert recovery.numbers_without_order() == []
    Order.objects.all().delete()
    make_order("waiting", pk=order.pk)  # of another purchase: its row has the same number
    assert [entry.activation_id for entry in recovery.numbers_without_order()] == [order.activation_id]
