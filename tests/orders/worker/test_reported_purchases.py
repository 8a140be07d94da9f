from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

import legitsms
from legitsms import Closed, Code, Number, Waiting
from orders import tasks
from orders.lifecycle import settling
from orders.models import Order, StaleOrder
from orders.presentation import wording
from orders.worker import recovery, reported_purchases
from tests.factories import make_order
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")


def claimed(member):
    """An unclear order of which `member` says that it was bought."""
    order = make_order("unclear", outcome="timeout", owner=member)
    settling.report_bought(order, member, NUMBER)
    return order


def test_what_a_person_says_was_bought_is_not_believed_before_legitsms_is_asked(member):
    order = claimed(member)
    assert (order.status, order.activation_id, order.events.get().actor) == ("unclear", "", member)
    assert wording.message(order) == "Asking LegitSMS whether it knows order 550011…"


@pytest.mark.parametrize(
    ("answer", "status"), [(Waiting(), "waiting"), (Code("123456"), "received"), (Closed(), "closed")]
)
def test_what_legitsms_knows_is_settled_and_taken_as_it_is_there(member, answer, status):
    order, client = claimed(member), FakeClient(answer)
    reported_purchases.check(order, client)
    assert (order.status, order.activation_id, client.asked) == (status, "550011", [("550011",)])
    assert order.events.get(source="unclear", target="waiting").actor == member


def test_the_first_poll_of_what_was_settled_keeps_its_distance(member):
    order = claimed(member)
    reported_purchases.check(order, FakeClient(Waiting()))
    order.refresh_from_db()
    assert order.next_poll_at - timezone.now() > timedelta(seconds=2.6)


def test_what_legitsms_does_not_know_is_not_taken_and_the_card_says_so(member):
    order = claimed(member)
    reported_purchases.check(order, FakeClient(legitsms.NoActivation("NO_ACTIVATION")))
    assert (order.status, order.reported_id, order.activation_id) == ("unclear", "", "")
    assert wording.message(order).startswith("LegitSMS does not know the order ID that was entered")


def test_what_was_not_known_may_be_entered_again(member):
    order = claimed(member)
    reported_purchases.check(order, FakeClient(legitsms.NoActivation("NO_ACTIVATION")))
    settling.report_bought(order, member, Number("550012", "12025550199"))
    reported_purchases.check(order, FakeClient(Waiting()))
    assert (order.status, order.activation_id) == ("waiting", "550012")


def test_an_id_that_another_order_got_meanwhile_is_not_taken(member):
    order = claimed(member)
    make_order("waiting", activation_id="550011")
    reported_purchases.check(order, FakeClient(Waiting()))
    order.refresh_from_db()
    assert (order.status, order.activation_id) == ("unclear", "")
    assert wording.message(order).startswith("Another order has the order ID")


@pytest.mark.parametrize("fault", [legitsms.Uncertain("timeout"), legitsms.BadKey("BAD_KEY")])
def test_no_answer_decides_nothing_and_is_asked_for_again(member, fault):
    order, client = claimed(member), FakeClient(fault, Waiting())
    reported_purchases.check(order, client)
    assert (order.status, order.reported_id) == ("unclear", "550011")
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        reported_purchases.check(order, client)
    assert order.status == "waiting"


def test_two_workers_ask_once(member):
    order, client = claimed(member), FakeClient(legitsms.Uncertain("timeout"))
    reported_purchases.check(Order.objects.get(pk=order.pk), client)
    with pytest.raises(StaleOrder):
        reported_purchases.check(order, client)
    assert client.calls == ["get_status"]


@pytest.mark.parametrize("step", [settling.settle_not_bought, settling.write_off])
def test_what_a_person_settles_otherwise_is_not_asked_about(member, step):
    order, client = claimed(member), FakeClient(Waiting())
    step(order, member)
    with pytest.raises(StaleOrder):
        reported_purchases.check(order, client)
    assert (client.calls, recovery.due_reports()) == ([], [])


def test_an_answer_after_the_order_was_settled_otherwise_changes_nothing(member):
    order = claimed(member)
    client = FakeClient(lambda: settling.settle_not_bought(Order.objects.get(pk=order.pk), member) or Waiting())
    with pytest.raises(StaleOrder):
        reported_purchases.check(order, client)
    assert Order.objects.get().status == "refused"


def test_only_an_unclear_order_can_be_claimed(member):
    with pytest.raises(StaleOrder):
        settling.report_bought(make_order("waiting"), member, NUMBER)


def test_the_tick_finds_a_claim_whose_bell_nobody_heard(member, bells, upstream_client):
    order = claimed(member)
    tasks.recover()
    assert bells == [("orders.check_reported_purchase", order.pk)]


def test_a_bell_settles_a_claim(member, upstream_client):
    order = claimed(member)
    upstream_client.answers = [Waiting()]
    [tasks.check_reported_purchase(order.pk) for _ in range(2)]
    assert (Order.objects.get().status, upstream_client.calls) == ("waiting", ["get_status"])
