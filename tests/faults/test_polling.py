"""Faults while a number waits for its code (F33-F48), over real sockets."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from legitsms import client as calls
from orders import tasks
from orders.models import Order
from orders.views.board import current_banner
from orders.worker import polling
from provider import upstream
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_heartbeats, make_order

pytestmark = pytest.mark.django_db

MUTE = {
    "closed": {"fault": "drop_before"},
    "reset": {"fault": "drop_after", "reset": True},
    "500": {"fault": "status", "status": 500, "text": "STATUS_CANCEL"},
    "429": {"fault": "status", "status": 429},
    "challenge": {"fault": "html"},
    "empty": {"fault": "empty"},
    "garbage": {"fault": "garbage"},
    "silence": {"fault": "hang"},
    "drip": {"fault": "drip", "part": "headers"},
    "no code": {"fault": "reply", "text": "STATUS_OK"},
    "empty code": {"fault": "reply", "text": "STATUS_OK:"},
    "nonsense about the end": {"fault": "reply", "text": "STATUS_CANCELLED"},
    "unknown": {"fault": "refuse", "word": "NO_ACTIVATION"},
    "refused key": {"fault": "refuse", "word": "BAD_KEY"},
}
TEXTS = ["1" * 1000, "x" * 10_000, "😀 код é", "<b>12</b>", "a: b: c:", "line\nline", "0123", "  12 34 "]


@pytest.fixture
def order(alive, sandbox):
    """An order that waits, at the real client's other end."""
    made = make_order(service="sbnever")
    tasks.buy_number(made.pk)
    made.refresh_from_db()
    return made


def poll(order):
    """The order's next poll, whenever that would be."""
    Order.objects.filter(pk=order.pk).update(next_poll_at=timezone.now())
    ProviderHealth.objects.update(probed_at=None)
    tasks.poll_due()
    order.refresh_from_db()
    return order


@pytest.mark.parametrize("mute", MUTE.values(), ids=MUTE.keys())
def test_no_fault_of_an_answer_ends_an_order_or_costs_its_code(order, sandbox, monkeypatch, mute):
    monkeypatch.setattr(calls, "SECONDS", 0.3)
    sandbox.fault("getStatus", **mute)
    sandbox.deliver(order.activation_id, "445566")
    assert poll(order).status == "waiting"
    assert poll(order).status == "received"
    assert order.codes.get().text == "445566"


@pytest.mark.parametrize("times", [1, 2, 20])
def test_a_number_that_is_unknown_for_a_while_still_gets_its_code(order, sandbox, times):
    sandbox.fault("getStatus", "refuse", word="NO_ACTIVATION", times=times)
    sandbox.deliver(order.activation_id, "445566")
    with time_machine.travel(timezone.now()) as clock:
        for _ in range(times):
            poll(order)
            clock.shift(timedelta(seconds=4))
        assert (order.status, order.needs_attention) == ("waiting", times > 2)
        assert poll(order).codes.get().text == "445566"


@pytest.mark.parametrize("text", TEXTS)
def test_a_message_is_kept_word_for_word_up_to_a_thousand_characters(order, sandbox, text):
    sandbox.deliver(order.activation_id, text)
    assert poll(order).codes.get().text.strip() == text[:1000].strip()


def test_a_second_message_joins_the_first(order, sandbox):
    sandbox.deliver(order.activation_id, "111111")
    poll(order)
    sandbox.deliver(order.activation_id, "222222")
    poll(order)
    assert [code.text for code in order.codes.all()] == ["111111", "222222"]


def test_after_an_hour_without_a_tick_each_order_is_asked_once(order, sandbox):
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        [tasks.poll_due() for _ in range(5)]
    [entry] = sandbox.ledger()["orders"]
    assert len(entry["polls"]) == 1


@pytest.mark.parametrize("part", [("beat",), ("polling",), ("beat", "polling")], ids=" and ".join)
def test_while_a_part_is_down_the_board_says_so_and_nothing_is_bought(alive, sandbox, books, part):
    order = make_order(service="sbcode", not_after=timezone.now() + timedelta(hours=1))
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        make_heartbeats(*{"beat", "polling"} - set(part), "purchasing")
        tasks.buy_number(order.pk)
        assert current_banner().title == "Nobody is watching for codes."
    order.refresh_from_db()
    assert (order.outcome, books()) == ("nobody polls", (0, 0))


def test_an_order_that_cannot_be_read_rests_and_the_others_get_their_codes(order, sandbox, monkeypatch):
    poison, record = make_order("waiting", activation_id="poison"), polling.record_one
    sandbox.deliver(order.activation_id, "445566")
    fail = {poison.pk: lambda *_: 1 / 0}
    monkeypatch.setattr(polling, "record_one", lambda row, result: fail.get(row.pk, record)(row, result))
    poll(poison)
    assert poll(order).status == "received"
    poison.refresh_from_db()
    assert poison.next_poll_at > timezone.now() + timedelta(seconds=50)
    assert (poison.needs_attention, poison.status) == (True, "waiting")


def test_a_poller_that_was_stopped_does_not_undo_what_came_meanwhile(order, sandbox):
    [late] = polling.lease_due(Upstream.SANDBOX) or [
        polling.Lease(order.pk, order.activation_id, timezone.now(), False)
    ]
    sandbox.deliver(order.activation_id, "445566")
    poll(order)
    sandbox.expire(order.activation_id)
    polling.record(Upstream.SANDBOX, [polling.poll(Upstream.SANDBOX, upstream.client(Upstream.SANDBOX), late)])
    order.refresh_from_db()
    assert (order.status, order.codes.get().text) == ("received", "445566")


def test_an_hour_of_silence_calls_a_person_and_ends_nothing(order, sandbox, settings):
    settings.CANCEL_BEFORE_END = timedelta(0)
    with time_machine.travel(timezone.now() + settings.HARD_CAP):
        make_heartbeats()
        tasks.recover()
        order.refresh_from_db()
        assert (order.status, order.needs_attention, order.poll_every) == ("waiting", True, timedelta(minutes=5))
        sandbox.deliver(order.activation_id, "445566")
        assert poll(order).codes.get().text == "445566"
