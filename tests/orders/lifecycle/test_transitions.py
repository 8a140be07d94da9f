import uuid
from itertools import product

import pytest
from django.db.models import Q
from django.utils import timezone

from legitsms import Number
from orders.lifecycle import answers, buying, closing, settling, transitions
from orders.models import Order, StaleOrder
from orders.models.order import NOT_BOUGHT
from orders.presentation import OrderCard, wording
from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")
ARROWS = {
    "start buying": (buying.start_buying, "buying", {"requested"}),
    "return to queue": (lambda order: buying.return_to_queue(order, "connect"), "requested", {"buying"}),
    "refusal": (lambda order: buying.record_refusal(order, "NO_NUMBERS"), "refused", {"requested", "buying"}),
    "refuse unsent": (lambda order: buying.refuse_unsent(order, "too old"), "refused", {"requested"}),
    "withdrawn": (lambda order: closing.withdraw(order, make_user()), "refused", {"requested"}),
    "doubt": (lambda order: buying.record_unclear(order, "timeout"), "unclear", {"buying"}),
    "number": (lambda order: buying.record_number(order, NUMBER, order.attempt), "waiting", {"buying", "unclear"}),
    "settled as bought": (lambda order: settling.settle_bought(order, make_user(), NUMBER), "waiting", {"unclear"}),
    "settled as not bought": (lambda order: settling.settle_not_bought(order, make_user()), "refused", {"unclear"}),
    "written off": (lambda order: settling.write_off(order, make_user()), "closed", {"unclear"}),
    "closed": (answers.record_closed, "closed", {"waiting"}),
    "cancelled": (answers.record_cancelled, "cancelled", {"waiting"}),
    "finished": (lambda order: answers.record_finished(order, "ACCESS_ACTIVATION"), "finished", {"received"}),
}
PAIRS = list(product(ARROWS, Order.Status.values))
ALLOWED = [(arrow, status) for arrow, status in PAIRS if status in ARROWS[arrow][2]]
REFUSED = [(arrow, status) for arrow, status in PAIRS if status not in ARROWS[arrow][2]]


@pytest.mark.parametrize(("arrow", "source"), ALLOWED)
def test_an_arrow_of_the_life_leads_where_it_points(arrow, source):
    step, target, _ = ARROWS[arrow]
    order = make_order(source)
    step(order)
    order.refresh_from_db()
    assert order.status == target


@pytest.mark.parametrize(("arrow", "source"), ALLOWED)
def test_an_arrow_raises_the_version_and_leaves_one_event(arrow, source):
    step, target, _ = ARROWS[arrow]
    order = make_order(source)
    step(order)
    happened = list(order.events.values_list("what", "source", "target"))
    assert (order.version, happened) == (2, [("moved", source, target)])


@pytest.mark.parametrize(("arrow", "source"), ALLOWED)
def test_every_arrow_has_its_words_in_the_history(arrow, source):
    step, *_ = ARROWS[arrow]
    order = make_order(source)
    step(order)
    assert wording.event_text(order.events.get())


@pytest.mark.parametrize(("arrow", "source"), REFUSED)
def test_an_arrow_that_does_not_exist_is_refused_and_changes_nothing(arrow, source):
    step, *_ = ARROWS[arrow]
    order = make_order(source)
    before = Order.objects.filter(pk=order.pk).values().get()
    with pytest.raises(StaleOrder):
        step(order)
    assert Order.objects.filter(pk=order.pk).values().get() == before
    assert not order.events.exists()


@pytest.mark.parametrize("source", ["waiting", "cancelled", "closed"])
def test_a_first_code_leads_to_received_even_out_of_an_end(source):
    order = make_order(source)
    answers.record_code(order, "123456")
    assert (order.status, order.ended_at, order.refund) == ("received", None, "")


@pytest.mark.parametrize("source", ["received", "finished"])
def test_another_code_is_kept_and_changes_no_status(source):
    order = make_order(source)
    answers.record_code(order, "654321")
    assert (order.status, order.codes.get().text) == (source, "654321")


@pytest.mark.parametrize("source", ["waiting", "cancelled", "closed"])
def test_a_code_out_of_any_state_has_words_in_the_history(source):
    order = make_order(source)
    answers.record_code(order, "123456")
    assert "ode" in wording.event_text(order.events.get())


@pytest.mark.parametrize("step", [buying.wait_for_turn, lambda order: buying.return_to_queue(order, "connect")])
def test_an_order_goes_back_to_the_queue_and_ends_for_a_cancel_in_one_step(monkeypatch, step):
    order = make_order("buying", cancel_at=timezone.now())
    monkeypatch.setattr(buying, "refuse_unsent", lambda *_: 1 / 0)  # the worker dies between the two
    with pytest.raises(ZeroDivisionError):
        step(order)
    order.refresh_from_db()
    assert (order.status, order.events.count()) == ("buying", 0)


@pytest.mark.parametrize("step", [buying.wait_for_turn, lambda order: buying.return_to_queue(order, "connect")])
def test_an_order_of_which_nothing_was_sent_ends_where_a_cancel_was_requested(step):
    order = make_order("buying", cancel_at=timezone.now())
    step(order)
    assert (order.status, order.outcome) == ("refused", "withdrawn")


def test_the_same_code_again_leaves_no_second_one_and_no_event():
    order = make_received("123456")
    answers.record_code(order, "123456")
    assert (order.codes.count(), order.events.count()) == (1, 0)


def test_a_code_of_a_thousand_characters_of_any_alphabet_is_kept_word_for_word():
    order = make_order("waiting")
    text = "<b>😀 ключ:\n" + "9" * 988
    answers.record_code(order, text)
    assert order.codes.get().text == text


def test_a_code_that_no_index_of_a_database_could_hold_whole_is_kept_once():
    order = make_order("waiting")
    text = "".join(chr(0x1F300 + number) for number in range(1000))  # 4,000 bytes that nothing compresses
    answers.record_code(order, text)
    answers.record_code(order, text)
    assert (order.codes.get().text, order.status) == (text, "received")


def test_a_code_takes_the_planned_cancel_away():
    order = make_order("waiting")
    closing.request_cancel(order, make_user())
    answers.record_code(order, "123456")
    assert (order.cancel_at, order.is_sending_action) == (None, False)


def test_the_journal_may_still_give_a_number_to_what_a_person_called_not_bought():
    order = make_order("refused", outcome=NOT_BOUGHT)
    buying.record_number(order, NUMBER, order.attempt)
    assert (order.status, order.phone, order.ended_at) == ("waiting", "12025550199", None)


def test_a_refusal_by_legitsms_is_never_turned_into_a_number():
    order = make_order("refused", outcome="NO_NUMBERS")
    with pytest.raises(StaleOrder):
        buying.record_number(order, NUMBER, order.attempt)


def test_the_number_of_another_attempt_is_not_taken():
    order = make_order("buying")
    with pytest.raises(StaleOrder):
        buying.record_number(order, NUMBER, uuid.uuid4())


def test_a_request_past_its_time_cannot_be_claimed():
    order = make_order(not_after="2026-01-01T00:00Z")
    with pytest.raises(StaleOrder):
        buying.start_buying(order)


def test_a_change_whose_condition_no_longer_holds_changes_nothing():
    order = make_order("waiting")
    with pytest.raises(StaleOrder):
        transitions.change(order, "note", only_if=Q(status="received"), note="late")
    order.refresh_from_db()
    assert (order.note, order.version, order.events.count()) == ("", 1, 0)


def test_a_change_says_who_made_it():
    order, actor = make_order("waiting"), make_user()
    transitions.change(order, "note", actor, note="ticket 7")
    assert (order.version, order.events.get().actor) == (2, actor)


def test_upstreams_words_are_cut_to_what_the_history_holds():
    order = make_order("buying")
    buying.record_unclear(order, "x" * 300)
    assert order.events.get().detail == "x" * 300


@pytest.mark.parametrize(
    ("step", "refund"),
    [(answers.record_cancelled, "confirmed"), (answers.record_closed, "unconfirmed")],
)
def test_only_access_cancel_proves_a_refund(step, refund):
    order = make_order("waiting")
    step(order)
    assert order.refund == refund


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({"status": "requested"}, "buying"),
        ({"status": "buying"}, "buying"),
        ({"status": "waiting"}, "waiting"),
        ({"status": "waiting", "cancel_at": "2026-01-01T00:00Z"}, "cancel-planned"),
        ({"status": "waiting", "cancel_at": "2026-01-01T00:00Z", "is_sending_action": True}, "cancelling"),
        ({"status": "received"}, "received"),
        ({"status": "received", "finish_at": "2026-01-01T00:00Z"}, "finishing"),
        ({"status": "finished"}, "finished"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "closed"}, "closed"),
        ({"status": "refused"}, "refused"),
        ({"status": "unclear"}, "unclear"),
    ],
)
def test_people_tell_states_apart_by_status_and_wish(fields, state):
    order = make_order(**fields)
    assert OrderCard(order).state == state
    assert OrderCard(order).state_label
