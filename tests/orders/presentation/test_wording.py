from itertools import product

import pytest

from legitsms import NoNumbers
from legitsms.error_words import ERROR_WORDS, Call, ErrorWord, refusals
from orders.models import Order
from orders.presentation import wording
from tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", sorted(refusals(Call.GET_NUMBER)))
def test_every_refusal_of_the_protocol_says_that_nothing_was_bought(word):
    assert wording.refusal_message(word, make_order("refused")).endswith(wording.NOTHING_BOUGHT)


@pytest.mark.parametrize("word", sorted({*wording.REFUSALS} - {"not bought"}))
def test_every_refusal_of_our_own_says_that_nothing_was_bought(word):
    assert wording.refusal_message(word, make_order("refused")).endswith(wording.NOTHING_BOUGHT)


def test_a_new_error_word_needs_no_sentence_of_its_own(monkeypatch):
    monkeypatch.setitem(ERROR_WORDS, "SOLD_OUT", ErrorWord(NoNumbers, Call.GET_NUMBER))
    order = make_order("refused")
    assert wording.refusal_message("SOLD_OUT", order) == wording.refusal_message("NO_NUMBERS", order)


def test_what_a_person_found_needs_no_second_sentence():
    assert wording.refusal_message("not bought", make_order("refused")).endswith("no number had been bought.")


SAME_AS = {
    "NO_NUMBER": "NO_NUMBERS",
    "NO_MEANS": "NO_BALANCE",
    "NO_MONEY": "NO_BALANCE",
    "WRONG_SERVICE": "BAD_SERVICE",
    "WRONG_COUNTRY": "BAD_COUNTRY",
    "NO_KEY": "BAD_KEY",
    "invalid_key": "BAD_KEY",
    "API_KEY_NOT_VALID": "BAD_KEY",
}


@pytest.mark.parametrize("family", SAME_AS)
def test_the_words_of_the_protocols_family_mean_the_documented_ones(family):
    order = make_order("refused")
    assert wording.refusal_message(family, order) == wording.refusal_message(SAME_AS[family], order)


def test_names_written_by_strangers_are_not_read_as_a_pattern():
    order = make_order("refused", service_name="{order.owner.password}", country_name="{0}")
    assert "no numbers for {order.owner.password} in {0}" in wording.refusal_message("NO_NUMBERS", order)


def test_a_word_that_nobody_knows_is_shown_as_it_is():
    assert (
        wording.refusal_message("NEW_WORD", make_order("refused")) == "LegitSMS refused: NEW_WORD. Nothing was bought."
    )


@pytest.mark.parametrize("outcome", ["timeout", "HTTP 503: <html>", "ERROR_SQL: ERROR_SQL", "same number twice: 1"])
def test_a_doubt_says_where_to_look_and_never_that_nothing_was_bought(outcome):
    told = wording.message(make_order("unclear", outcome=outcome))
    assert told.endswith(wording.CHECK_ACCOUNT)
    assert wording.NOTHING_BOUGHT not in told


@pytest.mark.parametrize(("source", "target"), wording.TRANSITIONS)
def test_every_move_that_has_words_is_between_two_states_of_an_order(source, target):
    assert {source, target} <= set(Order.Status.values)


def test_a_purchase_that_was_never_sent_is_told_alike_wherever_it_stopped():
    moves = product(["requested", "buying"], ["refused"])
    events = [make_order().events.model(what="moved", source=source, target=target) for source, target in moves]
    assert {wording.event_text(event) for event in events} == {"Not bought"}


def test_what_is_told_of_a_closed_order_claims_no_refund():
    assert "Whether money came back is not stated" in wording.message(make_order("closed"))


@pytest.mark.parametrize(("quantity", "title"), [(1, "Buy 1 number"), (3, "Buy 3 numbers")])
def test_the_title_of_a_purchase_counts_its_numbers(quantity, title):
    assert wording.purchase_title(quantity) == title


def test_the_title_of_a_switch_names_what_is_switched():
    order = make_order("waiting", service_name="Uber", country_name="Peru")
    assert wording.switch_title(order) == "Switch Uber · Peru to another server"


@pytest.mark.parametrize(
    ("bought", "unclear", "title"),
    [
        (2, 1, "2 of 3 bought"),
        (0, 1, "We do not know whether it was bought"),
        (0, 0, "Nothing was bought"),
    ],
)
def test_the_title_of_a_completed_purchase_says_what_was_bought(bought, unclear, title):
    assert wording.progress_title(3, bought, unclear) == title
