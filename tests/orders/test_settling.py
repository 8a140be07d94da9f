from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

import legitsms
from legitsms import Closed, Code, Number, Waiting
from orders import recovery, settling, tasks
from orders.models import Order, StaleOrder
from tests.factories import make_order
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")


def claimed(member):
    """An unclear order of which `member` says that it was bought."""
    order = make_order("unclear", outcome="timeout", owner=member)
    order.claim_bought(member, NUMBER)
    return order


def test_what_a_person_says_was_bought_is_not_believed_before_legitsms_is_asked(member):
    order = claimed(member)
    assert (order.status, order.activation_id, order.events.get().actor) == ("unclear", "", member)
    assert order.told == "Asking LegitSMS whether it knows order 550011…"


@pytest.mark.parametrize(
    ("answer", "status"), [(Waiting(), "waiting"), (Code("123456"), "received"), (Closed(), "closed")]
)
def test_what_legitsms_knows_is_settled_and_taken_as_it_is_there(member, answer, status):
    order, client = claimed(member), FakeClient(answer)
    settling.check(order, client)
    assert (order.status, order.activation_id, client.asked) == (status, "550011", [("550011",)])
    assert order.events.get(source="unclear", target="waiting").actor == member


def test_the_first_poll_of_what_was_settled_keeps_its_distance(member):
    order = claimed(member)
    settling.check(order, FakeClient(Waiting()))
    order.refresh_from_db()
    assert order.next_poll_at - timezone.now() > timedelta(seconds=2.6)


def test_what_legitsms_does_not_know_is_not_taken_and_the_card_says_so(member):
    order = claimed(member)
    settling.check(order, FakeClient(legitsms.NoActivation("NO_ACTIVATION")))
    assert (order.status, order.claimed_id, order.activation_id) == ("unclear", "", "")
    assert order.told.startswith("LegitSMS does not know the order ID that was entered")


def test_what_was_not_known_may_be_entered_again(member):
    order = claimed(member)
    settling.check(order, FakeClient(legitsms.NoActivation("NO_ACTIVATION")))
    order.claim_bought(member, Number("550012", "12025550199"))
    settling.check(order, FakeClient(Waiting()))
    assert (order.status, order.activation_id) == ("waiting", "550012")


def test_an_id_that_another_order_got_meanwhile_is_not_taken(member):
    order = claimed(member)
    make_order("waiting", activation_id="550011")
    settling.check(order, FakeClient(Waiting()))
    order.refresh_from_db()
    assert (order.status, order.activation_id) == ("unclear", "")
    assert order.told.startswith("Another order has the order ID")


@pytest.mark.parametrize("fault", [legitsms.Uncertain("timeout"), legitsms.BadKey("BAD_KEY")])
def test_no_answer_decides_nothing_and_is_asked_for_again(member, fault):
    order, client = claimed(member), FakeClient(fault, Waiting())
    settling.check(order, client)
    assert (order.status, order.claimed_id) == ("unclear", "550011")
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        settling.check(order, client)
    assert order.status == "waiting"


def test_two_workers_ask_once(member):
    order, client = claimed(member), FakeClient(legitsms.Uncertain("timeout"))
    settling.check(Order.objects.get(pk=order.pk), client)
    with pytest.raises(StaleOrder):
        settling.check(order, client)
    assert client.calls == ["get_status"]


@pytest.mark.parametrize("step", [Order.settle_not_bought, Order.write_off])
def test_what_a_person_settles_otherwise_is_not_asked_about(member, step):
    order, client = claimed(member), FakeClient(Waiting())
    step(order, member)
    with pytest.raises(StaleOrder):
        settling.check(order, client)
    assert (client.calls, recovery.open_claims()) == ([], [])


def test_an_answer_after_the_order_was_settled_otherwise_changes_nothing(member):
    order = claimed(member)
    client = FakeClient(lambda: Order.objects.get(pk=order.pk).settle_not_bought(member) or Waiting())
    with pytest.raises(StaleOrder):
        settling.check(order, client)
    assert Order.objects.get().status == "refused"


def test_only_an_unclear_order_can_be_claimed(member):
    with pytest.raises(StaleOrder):
        make_order("waiting").claim_bought(member, NUMBER)


def test_the_tick_finds_a_claim_whose_bell_nobody_heard(member, bells, upstream_client):
    order = claimed(member)
    tasks.recover()
    assert bells == [("orders.check_claim", order.pk)]


def test_a_bell_settles_a_claim(member, upstream_client):
    order = claimed(member)
    upstream_client.answers = [Waiting()]
    [tasks.check_claim(order.pk) for _ in range(2)]
    assert (Order.objects.get().status, upstream_client.calls) == ("waiting", ["get_status"])
