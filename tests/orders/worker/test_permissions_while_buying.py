"""A member who loses the right to buy while the request waits, while it is bought, and after that."""

from contextlib import suppress
from functools import partial
from threading import Barrier

import pytest
from django.db import transaction

from legitsms import Number, Waiting
from orders import failpoints
from orders.lifecycle import settling, transitions
from orders.live import cards
from orders.models import Order, StaleOrder
from orders.presentation import wording
from orders.worker import purchasing, reported_purchases
from orders.worker.journal import Journal
from team.models import User
from team.roles import Role
from tests.factories import make_order, make_user
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")


@pytest.mark.parametrize("leave", [User.deactivate, partial(User.change_role, role=Role.VIEWER)])
def test_nothing_is_bought_for_a_member_who_may_no_longer_buy(alive, log, leave):
    order, client = make_order(), FakeClient(NUMBER)
    leave(order.owner)
    purchasing.buy(order, client, log)
    assert (order.status, order.outcome, client.calls) == ("refused", "permission", [])
    assert wording.message(order) == "Its owner may no longer buy numbers. Nothing was bought."


def test_nothing_is_bought_for_a_member_who_loses_the_role_just_before_the_claim(alive, log, monkeypatch):
    order, client = make_order(), FakeClient(NUMBER)
    monkeypatch.setattr(failpoints, "hit", lambda _: order.owner.change_role(Role.VIEWER))
    with pytest.raises(StaleOrder):
        purchasing.buy(order, client, log)
    assert (Order.objects.get().status, client.calls) == ("requested", [])


def test_what_was_handed_over_before_it_was_bought_is_bought_for_its_new_owner(alive, log):
    order, client = make_order(), FakeClient(NUMBER)
    transitions.change(order, "reassigned", owner=make_user())
    order.purchase.buyer.deactivate()
    purchasing.buy(order, client, log)
    assert (order.status, client.calls) == ("waiting", ["get_number"])


def test_a_number_that_comes_after_the_buyer_has_left_is_kept(alive, log):
    order = make_order()
    client = FakeClient(lambda: order.owner.deactivate() or NUMBER)
    purchasing.buy(order, client, log)
    assert (order.status, order.phone) == ("waiting", NUMBER.phone)


@pytest.mark.parametrize(("leaves", "named"), [(False, True), (True, False)])
def test_what_a_member_wished_before_leaving_is_done_in_nobodys_name(alive, log, leaves, named):
    old = make_order("waiting")
    order = make_order(owner=old.owner, replaces=old, cancels_replaced=True)
    purchasing.buy(order, FakeClient(lambda: (leaves and order.owner.deactivate()) or NUMBER), log)
    old.refresh_from_db()
    assert (bool(old.cancel_at), old.events.get().actor is not None) == (True, named)


@pytest.mark.parametrize(("leaves", "named"), [(False, True), (True, False)])
def test_what_a_member_claimed_before_leaving_is_settled_in_nobodys_name(leaves, named):
    order = make_order("unclear", outcome="timeout")
    settling.report_bought(order, order.owner, NUMBER)
    reported_purchases.check(order, FakeClient(lambda: (leaves and order.reported_by.deactivate()) or Waiting()))
    settled = order.events.get(target="waiting", what="moved")
    assert (order.status, settled.actor is not None) == ("waiting", named)


@pytest.mark.django_db(transaction=True)
def test_of_two_hundred_members_demoted_while_buying_none_buys_afterwards(alive, data_dir, monkeypatch):
    monkeypatch.setattr(cards, "publish", lambda _: None)  # most of the time, and not what this is about
    with transaction.atomic():
        orders = [make_order(service=f"s{n}") for n in range(200)]
    demoted, too_late = set(), set()
    client = FakeClient(statuses={order.service: Number(f"a{order.pk}", "12025550199") for order in orders})

    def demote(order):
        User.objects.get(pk=order.owner_id).change_role(Role.VIEWER)
        demoted.add(order.service)

    def buy(order):
        too_late.update(demoted & {order.service})
        with suppress(StaleOrder):
            purchasing.buy(order, client, Journal(data_dir))

    steps, gate = [demote, buy], Barrier(2)  # both begin with each order together, so that neither starves the other

    def run(step):
        for order in orders:
            gate.wait(60)
            step(order)

    assert race(lambda: run(steps.pop()), 2) == [None, None]
    asked = {service for service, *_ in client.asked}
    bought = set(Order.objects.filter(status="waiting").values_list("service", flat=True))
    assert (asked & too_late, asked) == (set(), bought)
