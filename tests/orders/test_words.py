from itertools import product

import pytest

from legitsms.error_words import Call, refusals
from orders import words
from orders.models import Order
from tests.factories import make_order

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("word", sorted(refusals(Call.GET_NUMBER)))
def test_every_refusal_of_the_protocol_says_that_nothing_was_bought(word):
    assert words.refusal(word, make_order("refused")).endswith(words.NOTHING)


@pytest.mark.parametrize("word", sorted({*words.REFUSALS} - {"not bought"}))
def test_every_refusal_of_our_own_says_that_nothing_was_bought(word):
    assert words.refusal(word, make_order("refused")).endswith(words.NOTHING)


def test_what_a_person_found_needs_no_second_sentence():
    assert words.refusal("not bought", make_order("refused")).endswith("no number had been bought.")


@pytest.mark.parametrize("family", words.SAME_AS)
def test_the_words_of_the_protocols_family_mean_the_documented_ones(family):
    order = make_order("refused")
    assert words.refusal(family, order) == words.refusal(words.SAME_AS[family], order)


def test_names_written_by_strangers_are_not_read_as_a_pattern():
    order = make_order("refused", service_name="{order.owner.password}", country_name="{0}")
    assert "no numbers for {order.owner.password} in {0}" in words.refusal("NO_NUMBERS", order)


def test_a_word_that_nobody_knows_is_shown_as_it_is():
    assert words.refusal("NEW_WORD", make_order("refused")) == "LegitSMS refused: NEW_WORD. Nothing was bought."


@pytest.mark.parametrize("outcome", ["timeout", "HTTP 503: <html>", "ERROR_SQL: ERROR_SQL", "same number twice: 1"])
def test_a_doubt_says_where_to_look_and_never_that_nothing_was_bought(outcome):
    told = make_order("unclear", outcome=outcome).told
    assert told.endswith(words.LOOK)
    assert words.NOTHING not in told


@pytest.mark.parametrize(("source", "target"), words.MOVES)
def test_every_move_that_has_words_is_between_two_states_of_an_order(source, target):
    assert {source, target} <= set(Order.Status.values)


def test_a_purchase_that_was_never_sent_is_told_alike_wherever_it_stopped():
    moves = product(["requested", "buying"], ["refused"])
    events = [make_order().events.model(what="moved", source=source, target=target) for source, target in moves]
    assert {event.told for event in events} == {"Not bought"}


def test_what_is_told_of_a_closed_order_claims_no_refund():
    assert "Whether money came back is not stated" in make_order("closed").told
