"""Orders while LegitSMS allows few requests."""

from datetime import timedelta

import pytest
from django.utils import timezone

from legitsms import Number, TooManyRequests
from orders.lifecycle import closing
from orders.models import Order, StaleOrder
from orders.presentation import wording
from orders.worker import purchasing
from provider.paced_client import NoSlot
from tests.factories import make_heartbeats, make_order
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db
NUMBER = Number("550011", "12025550199")


class Patient(FakeClient):
    """Waits for a slot, during which `deed` happens; without one it raises."""

    def __init__(self, *answers, deed=lambda: None):
        super().__init__(*answers)
        self.deed, self.is_limited = deed, True

    def wait(self):
        self.deed()
        return True


def no_slot():
    raise NoSlot


@pytest.fixture
def order():
    make_heartbeats()
    return make_order()


def buy(order, client, log):
    try:
        purchasing.buy(order, client, log)
    finally:
        order.refresh_from_db()
    return order


def test_without_a_slot_a_request_goes_back_and_says_why(order, log, settings):
    settings.SANDBOX_REQUESTS_PER_MINUTE = 30
    client = Patient(NUMBER, deed=no_slot)
    buy(order, client, log)
    assert (order.status, order.connect_failures, client.calls) == ("requested", 0, [])
    text = "Waiting for its turn: LegitSMS allows 30 requests a minute. Nothing was bought."
    assert wording.message(order) == text


def test_it_is_bought_when_its_turn_comes(order, log):
    buy(order, Patient(NUMBER, deed=no_slot), log)
    Order.objects.update(next_attempt_at=timezone.now())
    assert buy(order, Patient(NUMBER), log).status == "waiting"
    assert (order.outcome, wording.message(order)) == ("", "")


def test_it_may_wait_for_its_turn_as_often_as_it_takes(order, log):
    for _ in range(5):
        Order.objects.update(next_attempt_at=timezone.now())
        buy(order, Patient(NUMBER, deed=no_slot), log)
    assert (order.status, order.connect_failures) == ("requested", 0)


def too_old(order):
    Order.objects.update(not_after=timezone.now())


def cancel(order):
    closing.request_cancel(Order.objects.get(), order.owner)


def lose_permission(order):
    order.owner.groups.clear()


CHANGES = {"too old": too_old, "withdrawn": cancel, "permission": lose_permission}


@pytest.mark.parametrize("why", CHANGES)
def test_what_changed_while_it_waited_for_its_slot_is_seen(order, log, why):
    client = Patient(NUMBER, deed=lambda: CHANGES[why](order))
    with pytest.raises(StaleOrder):
        buy(order, client, log)
    assert (order.status, order.outcome, client.calls) == ("refused", why, [])


def test_a_request_that_recovery_gave_up_meanwhile_is_not_sent(order, log):
    client = Patient(NUMBER, deed=lambda: Order.objects.update(status="unclear"))
    with pytest.raises(StaleOrder):
        buy(order, client, log)
    assert (order.status, client.calls) == ("unclear", [])


def test_a_purchase_counts_from_when_it_was_sent(order, log):
    def wait():
        Order.objects.update(buying_at=timezone.now() - timedelta(seconds=25))

    buy(order, Patient(NUMBER, deed=wait), log)
    assert timezone.now() - order.bought_at < timedelta(seconds=5)


def test_a_withdrawn_request_without_a_slot_is_over(order, log):
    def withdraw():
        cancel(order)
        no_slot()

    buy(order, Patient(NUMBER, deed=withdraw), log)
    assert (order.status, order.outcome) == ("refused", "withdrawn")


def test_a_purchase_that_was_asked_too_often_is_refused_and_not_repeated(order, log):
    client = Patient(TooManyRequests("HTTP 429"))
    buy(order, client, log)
    assert (order.status, client.calls) == ("refused", ["get_number"])
    assert wording.message(order) == "LegitSMS was asked too often. Nothing was bought."


@pytest.mark.parametrize(("status", "field"), [("waiting", "cancel_at"), ("received", "finish_at")])
def test_an_action_without_a_slot_is_due_again_in_a_moment(status, field):
    order = make_order(status, **{field: timezone.now()})
    purchasing.send_requested_action(order, FakeClient(no_slot))
    order.refresh_from_db()
    assert order.status == status
    assert not order.is_sending_action
    assert getattr(order, field) - timezone.now() < timedelta(seconds=5)


def test_an_action_that_waits_for_its_slot_is_not_sent_twice(settings):
    settings.SANDBOX_REQUESTS_PER_MINUTE = 30
    order = make_order("waiting", cancel_at=timezone.now())
    closing.start_sending(order)
    order.refresh_from_db()
    assert order.cancel_at - timezone.now() > timedelta(seconds=40)
    assert order.next_poll_at - timezone.now() > timedelta(seconds=40)
