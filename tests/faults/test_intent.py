"""Faults before anything is sent (F01-F10)."""

import uuid
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from orders import tasks
from orders.models import Order, Purchase
from tests.conftest import signed_in
from tests.factories import make_heartbeats, make_offer, make_order
from tests.faults.databases import locked
from tests.racing import race

BUY = "/buy/"


def form():
    return {"server": 1, "country": "187", "service": "sbcode", "quantity": 1, "purchase_id": str(uuid.uuid4())}


@pytest.fixture
def offer(alive):
    return make_offer(service="sbcode")


@pytest.mark.django_db(transaction=True)
def test_of_two_members_who_buy_the_same_at_the_same_moment_one_is_asked_first(member, colleague, offer, bells):
    browsers = [signed_in(member), signed_in(colleague)]
    answers = race(lambda: browsers.pop().post(BUY, form(), headers={"HX-Request": "true"}), 2)
    assert sorted("bought this" in answer.content.decode() for answer in answers) == [False, True]
    assert Purchase.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_form_sent_again_for_a_day_buys_once(desk, offer, bells):
    sent = form()
    for hours in (0, 0, 1, 12, 24):
        with time_machine.travel(timezone.now() + timedelta(hours=hours)):
            assert desk.post(BUY, sent).status_code == 302
    assert (Order.objects.count(), len(bells)) == (1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_purchase_that_the_database_does_not_take_says_that_nothing_was_bought(member, offer, sandbox, books):
    browser = Client(raise_request_exception=False)
    browser.force_login(member)
    with locked():
        answer = browser.post(BUY, form())
    assert (answer.status_code, "Nothing was bought." in answer.content.decode()) == (503, True)
    assert (Purchase.objects.count(), books()) == (0, (0, 0))


@pytest.mark.django_db(transaction=True)
def test_a_claim_that_the_database_does_not_take_sends_nothing(alive, sandbox, books):
    order = make_order(service="sbcode")
    with locked(), pytest.raises(Exception, match="lock"):
        tasks.buy_number(order.pk)
    assert (Order.objects.get().status, books()) == ("requested", (0, 0))


@pytest.mark.django_db
def test_a_request_that_an_hour_went_by_buys_nothing(alive, sandbox, books):
    order = make_order(service="sbcode")
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        make_heartbeats()
        tasks.buy_number(order.pk)
        tasks.recover()
    order.refresh_from_db()
    assert (order.status, order.outcome, books()) == ("refused", "too old", (0, 0))


@pytest.mark.django_db
def test_nothing_is_bought_where_the_journal_cannot_be_written(alive, sandbox, books, data_dir):
    (data_dir / "journal").write_text("a file in the folder's place")
    order = make_order(service="sbcode")
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    assert (order.status, order.outcome, books()) == ("refused", "journal", (0, 0))
