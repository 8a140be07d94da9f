"""Faults while an order is cancelled or finished (F49-F59), over real sockets."""

from datetime import timedelta
from functools import partial
from itertools import count, product

import pytest
from django.utils import timezone

from orders import tasks
from orders.lifecycle import closing
from orders.models import Order
from orders.worker import polling
from provider import upstream
from provider.choices import Upstream
from tests.conftest import signed_in
from tests.factories import make_order, make_received
from tests.racing import race

pytestmark = pytest.mark.django_db

SANDBOX = Upstream.SANDBOX
UNHEARD = {"applied": {"fault": "drop_after"}, "not applied": {"fault": "drop_before"}, "page": {"fault": "status"}}

MOMENTS = list(product((0, 1, 2, 9), (None, *UNHEARD.values()), (False, True)))  # before which call, its fault, polled


class Meddler:
    """The real client, but before its call number `turn` something else happens."""

    def __init__(self, client, turn, deed):
        self.client, self.turn, self.deed, self.calls = client, turn, deed, count()

    def __getattr__(self, name):
        def call(*given):
            if next(self.calls) == self.turn:
                self.deed()
            return getattr(self.client, name)(*given)

        return call


@pytest.fixture
def order(alive, sandbox):
    """An order that waits and whose two minutes are over."""
    made = make_order(service="sbnever")
    tasks.buy_number(made.pk)
    sandbox.advance(130)
    made.refresh_from_db()
    return made


def close(order):
    """Send the requested action, now that its time has come."""
    Order.objects.filter(pk=order.pk, cancel_at__isnull=False).update(cancel_at=timezone.now(), asked_at=None)
    Order.objects.filter(pk=order.pk, finish_at__isnull=False).update(finish_at=timezone.now(), asked_at=None)
    tasks.send_requested_action(order.pk)
    order.refresh_from_db()
    return order


def poll(order):
    Order.objects.filter(pk=order.pk, next_poll_at__isnull=False).update(next_poll_at=timezone.now())
    polling.sweep(SANDBOX, upstream.client(SANDBOX))
    order.refresh_from_db()
    return order


def refund(sandbox):
    [order] = sandbox.ledger()["orders"]
    return order["is_refunded"]


@pytest.mark.parametrize("case", MOMENTS)
def test_whenever_a_code_comes_while_a_cancel_is_sent_it_wins_or_the_money_is_back(order, sandbox, monkeypatch, case):
    turn, fault, is_polled = case

    def arrive():
        if not refund(sandbox):
            sandbox.deliver(order.activation_id, "445566")
        if is_polled:
            poll(order)

    closing.request_cancel(order, order.owner)
    if fault:
        sandbox.fault("setStatus", **fault)
    client = Meddler(upstream.client(SANDBOX), turn, arrive)
    with monkeypatch.context() as patch:
        patch.setattr(upstream, "client", lambda *_: client)
        close(order)
    [theirs] = sandbox.ledger()["orders"]
    poll(order)
    assert [code.text for code in order.codes.all()] == theirs["codes"]
    assert (order.refund == "confirmed") <= theirs["is_refunded"]
    assert (order.status == "cancelled") == (order.refund == "confirmed")
    assert (order.status == "received") == bool(theirs["codes"])


def test_a_cancel_that_is_too_early_stays_planned_and_does_not_hammer(alive, sandbox):
    order = make_order(service="sbnever")
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    closing.request_cancel(order, order.owner)
    assert close(order).status == "waiting"
    assert order.cancel_at >= timezone.now() + timedelta(seconds=10)
    [tasks.send_requested_action(order.pk) for _ in range(5)]
    [theirs] = sandbox.ledger()["orders"]
    assert (len(theirs["cancels"]), theirs["is_refunded"]) == (1, False)


@pytest.mark.parametrize("unheard", UNHEARD.values(), ids=UNHEARD.keys())
def test_a_cancel_that_nobody_confirmed_claims_no_refund_and_is_sent_again(order, sandbox, unheard):
    closing.request_cancel(order, order.owner)
    sandbox.fault("setStatus", **unheard)
    close(order)
    assert order.refund != "confirmed"
    if order.status == "waiting":
        assert close(order).refund == "confirmed"
    assert refund(sandbox)


def test_an_end_that_nobody_confirmed_is_listed_as_not_refunded(order, sandbox):
    closing.request_cancel(order, order.owner)
    sandbox.expire(order.activation_id)
    assert (close(order).status, order.refund, refund(sandbox)) == ("closed", "unconfirmed", False)


def test_the_end_of_an_order_with_a_code_takes_nothing_away(order, sandbox):
    sandbox.deliver(order.activation_id, "445566")
    poll(order)
    sandbox.expire(order.activation_id)
    assert (poll(order).status, order.codes.get().text) == ("received", "445566")


@pytest.mark.parametrize("unheard", [*UNHEARD.values(), {"fault": "refuse", "word": "NO_ACTIVATION"}])
def test_a_done_that_was_lost_hides_no_code_and_is_sent_again(order, sandbox, unheard):
    sandbox.deliver(order.activation_id, "445566")
    closing.request_finish(poll(order), order.owner)
    sandbox.fault("setStatus", **unheard)
    assert (close(order).status, order.codes.count()) == ("received", 1)
    assert (close(order).status, order.codes.count()) == ("finished", 1)


@pytest.mark.parametrize("turn", [0, 1, 2])
def test_whenever_a_second_code_comes_while_done_is_sent_it_is_kept(order, sandbox, monkeypatch, turn):
    sandbox.deliver(order.activation_id, "445566")
    closing.request_finish(poll(order), order.owner)
    second = partial(sandbox.deliver, order.activation_id, "778899")
    client = Meddler(upstream.client(SANDBOX), turn, second)
    with monkeypatch.context() as patch:
        patch.setattr(upstream, "client", lambda *_: client)
        close(order)
    if turn == 2:  # just after it
        second()
    poll(order)
    assert [code.text for code in order.codes.all()] == ["445566", "778899"]


@pytest.mark.django_db(transaction=True)
def test_of_two_members_who_cancel_and_finish_one_order_only_what_is_possible_happens(member, colleague):
    order = make_received()
    pressed = [(signed_in(member), "cancel"), (signed_in(colleague), "finish")] * 3

    def press():
        browser, what = pressed.pop()
        return what, browser.post(f"/orders/{order.pk}/{what}/", headers={"HX-Request": "true"}).content.decode()

    said = race(press, 6)
    order.refresh_from_db()
    assert (order.cancel_at, order.finish_at is None) == (None, False)
    assert sorted((what, "Too late" in page) for what, page in said) == [
        *[("cancel", True)] * 3,
        ("finish", False),
        *[("finish", True)] * 2,
    ]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(10))
def test_a_withdrawn_request_is_never_sent(alive, sandbox, books, attempt):
    order = make_order(service="sbnever")
    steps = [lambda it: tasks.buy_number(it.pk), lambda it: closing.withdraw(it, it.owner)] * 2
    race(lambda: steps.pop()(Order.objects.get(pk=order.pk)), 4)
    order.refresh_from_db()
    assert (order.status, books()) in [("waiting", (1, 1)), ("refused", (0, 0))]
