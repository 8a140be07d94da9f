"""Faults of the one step that spends money (F11-F32)."""

from contextlib import ExitStack, contextmanager
from datetime import timedelta
from threading import Thread

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from legitsms import client as calls
from legitsms.sandbox import Sandbox
from orders import tasks
from orders.lifecycle import settling
from orders.models import Order
from orders.presentation import wording
from orders.worker import recovery
from orders.worker.journal import journal, purchases
from provider import upstream
from provider.choices import Upstream
from tests.factories import make_order, make_user
from tests.faults.databases import full, locked
from tests.racing import race
from tests.stack.desk import eventually

SANDBOX = Upstream.SANDBOX
pytestmark = pytest.mark.django_db

WRONG = {
    "reset": {"fault": "drop_before", "reset": True},
    "reset after the purchase": {"fault": "drop_after", "reset": True},
    "closed": {"fault": "drop_after"},
    "500": {"fault": "status", "status": 500, "text": "ACCESS_NUMBER:1:12025550123"},
    "503 page": {"fault": "status"},
    "521": {"fault": "status", "status": 521},
    "challenge": {"fault": "html"},
    "empty": {"fault": "empty"},
    "garbage": {"fault": "garbage"},
    "10 MiB": {"fault": "huge"},
    "gzip bomb": {"fault": "huge", "gzip": True, "mib": 64},
    "truncated": {"fault": "reply", "text": "ACCESS_NUM"},
    "without a number": {"fault": "reply", "text": "ACCESS_NUMBER:"},
    "three parts": {"fault": "reply", "text": "ACCESS_NUMBER:1:2:3"},
    "two lines": {"fault": "reply", "text": "ACCESS_NUMBER:1:12025550123\nACCESS_NUMBER:2:12025550124"},
    "notice before": {"fault": "reply", "text": "<br /><b>Warning</b>ACCESS_NUMBER:1:12025550123"},
    "NULs": {"fault": "reply", "text": "\0" * 200},
    "wrong alphabet": {"fault": "raw", "text": "HTTP/1.1 200 OK\r\n\r\n\xff\xfeN\0O\0_\0N\0U\0M\0B\0E\0R\0S\0"},
    "other JSON": {"fault": "reply", "text": '{"status": "ACCESS_NUMBER"}', "content_type": "application/json"},
    "refusal in lower case": {"fault": "reply", "text": "no_numbers"},
    "refusal with markup": {"fault": "reply", "text": "NO_BALANCE<br>"},
    "fault of the server": {"fault": "reply", "text": "ERROR_SQL"},
    "no HTTP": {"fault": "raw", "text": "SSH-2.0-OpenSSH_9.2\r\n"},
    "redirect": {"fault": "redirect"},
}


TROUBLES = {"locked": locked, "full": full}


class Meddler:
    """The real client, but just when a number was bought the database breaks."""

    def __init__(self, client, trouble):
        self.client, self.trouble, self.wait = client, trouble, client.wait

    def get_number(self, **offer):
        number = self.client.get_number(**offer)
        self.trouble()
        return number


@pytest.fixture
def broken_after_the_answer(sandbox, monkeypatch):
    @contextmanager
    def broken(trouble, order):
        with ExitStack() as undo, monkeypatch.context() as patch:
            client = Meddler(upstream.client(SANDBOX), lambda: undo.enter_context(TROUBLES[trouble](order)))
            patch.setattr(upstream, "client", lambda *_: client)
            yield

    return broken


def buy(order):
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    return order


def run_recovery(order):
    """The next recovery, as it is some seconds later."""
    Order.objects.filter(pk=order.pk, status="buying").update(buying_at=timezone.now() - timedelta(seconds=3))
    tasks.recover()
    order.refresh_from_db()
    return order


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_an_answer_that_proves_nothing_leaves_the_order_unclear_and_is_never_asked_for_again(
    alive, sandbox, books, bells, wrong
):
    order = make_order(service="sbcode")
    sandbox.fault("getNumber", **wrong)
    assert buy(order).status == "unclear"
    assert len(order.outcome) <= 300
    assert run_recovery(order).status == buy(order).status == "unclear"
    assert (books()[0], bells) == (1, [])


def test_a_purchase_that_a_rate_limit_refuses_is_not_bought_and_never_asked_for_again(alive, sandbox, books, bells):
    order = make_order(service="sbcode")
    sandbox.fault("getNumber", fault="status", status=429, text="Too Many Requests")
    assert buy(order).status == "refused"
    assert wording.message(order) == "LegitSMS was asked too often. Nothing was bought."
    assert run_recovery(order).status == buy(order).status == "refused"
    assert (books()[0], bells) == (1, [])


@pytest.mark.parametrize("part", ["headers", "body", "continue"])
def test_an_answer_that_drips_past_its_deadline_leaves_the_order_unclear(alive, sandbox, monkeypatch, part):
    monkeypatch.setattr(calls, "BUY_SECONDS", 0.3)
    sandbox.fault("getNumber", "drip", part=part, seconds=0.05)
    order = buy(make_order(service="sbcode"))
    eventually(lambda: sandbox.ledger()["hung_up"])
    order.refresh_from_db()
    assert (order.status, order.outcome.partition(":")[0]) == ("unclear", "timeout")


@pytest.mark.django_db(transaction=True)
def test_an_answer_that_comes_after_the_tick_gave_up_is_the_orders_number(alive, sandbox, books):
    order = make_order(service="sbcode")
    sandbox.fault("getNumber", "delay", seconds=1)
    worker = Thread(target=lambda: (tasks.buy_number(order.pk), connection.close()))
    worker.start()
    eventually(lambda: books() == (1, 1))
    Order.objects.update(buying_at=timezone.now() - timedelta(seconds=70))
    recovery.record_lost_as_unclear()
    assert Order.objects.get().status == "unclear"
    worker.join(10)
    assert Order.objects.get().activation_id == sandbox.ledger()["orders"][0]["id"]


def test_a_number_that_is_told_twice_stays_with_its_first_order(alive, sandbox):
    first = buy(make_order(service="sbcode"))
    sandbox.fault("getNumber", "reply", text=f"ACCESS_NUMBER:{first.activation_id}:12025550199")
    second = buy(make_order(service="sbcode"))
    phone = first.phone
    first.refresh_from_db()
    assert (first.status, first.phone) == ("waiting", phone)
    assert (second.status, second.activation_id) == ("unclear", "")
    assert "another order already has" in wording.message(second)


def test_a_redirect_reaches_nobody_else_and_is_said(alive, sandbox):
    with Sandbox() as stranger:
        sandbox.fault("getNumber", "redirect", url=stranger.url)
        order = buy(make_order(service="sbcode"))
        assert (
            stranger.ledger()["calls"]["other"]["received"] == stranger.ledger()["calls"]["getNumber"]["received"] == 0
        )
    assert "another address" in wording.message(order)


@pytest.mark.parametrize("trouble", ["locked", "full"])
@pytest.mark.django_db(transaction=True)
def test_a_number_that_the_database_cannot_take_comes_back_from_the_journal(
    alive, sandbox, books, broken_after_the_answer, trouble
):
    order = make_order(service="sbcode")
    journal().is_ready()
    with pytest.raises(OperationalError), broken_after_the_answer(trouble, order):
        tasks.buy_number(order.pk)
    assert Order.objects.get().status == "buying"
    assert run_recovery(order).activation_id == sandbox.ledger()["orders"][0]["id"]
    assert books() == (1, 1)


def test_a_torn_journal_costs_its_last_purchase_only(alive, sandbox, data_dir):
    orders = [buy(make_order(service="sbcode")) for _ in range(2)]
    Order.objects.update(status="buying", activation_id="", phone="", next_poll_at=None)
    [path] = (data_dir / "journal").iterdir()
    path.write_bytes(path.read_bytes().rstrip(b"\0")[:-10])
    assert len(purchases(data_dir / "journal")) == 1
    Order.objects.update(buying_at=timezone.now() - timedelta(seconds=61))
    tasks.recover()
    assert [Order.objects.get(pk=order.pk).status for order in orders] == ["waiting", "unclear"]


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_settle_an_order_at_the_same_moment_one_does():
    order, members = make_order("unclear"), [make_user() for _ in range(4)]
    steps = [settling.settle_not_bought, settling.write_off] * 2
    said = race(lambda: steps.pop()(order, members.pop()), 4)
    assert sorted(map(str, said)) == ["None", *["StaleOrder"] * 3]
    assert order.events.filter(source="unclear").count() == 1
