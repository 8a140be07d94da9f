"""The curated bodies of `corpus/`, each against the outcome that stands beside it."""

from decimal import Decimal

import pytest

from legitsms import Closing, Code, LegitSMSError, Number
from legitsms.lists import parse_countries, parse_services
from legitsms.replies import parse_closing, parse_number, parse_status
from tests.legitsms import corpus
from tests.legitsms.corpus import DIALECTS

ANSWERS = corpus.answers()
NO_LISTS = corpus.no_lists()
PARSERS = {"getNumber": parse_number, "getStatus": parse_status, "setStatus": parse_closing}
LISTS = {"countries": parse_countries, "services": parse_services}
CURATED = 250  # bodies for each parser
dialects = pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: f"{dialect.kind} {dialect.server}")


def outcome(parse, *given):
    try:
        return said(parse(*given))
    except LegitSMSError as failure:
        sort = type(failure).__name__
        return f"{sort}: {failure.kind}" if failure.kind == "empty" or sort == "Garbled" else sort


def said(answer):
    match answer:
        case Number(activation_id=order, phone=phone):
            return f"Number {order} {phone}"
        case Code(text=text):
            return f"Code {text!a}"
        case Closing():
            return answer.name
    return type(answer).__name__


@pytest.mark.parametrize(("column", "call"), list(enumerate(PARSERS)))
def test_an_answer_means_what_the_documents_say(column, call):
    expected = {body: outcomes[column] for body, outcomes in ANSWERS.items()}
    assert {body: outcome(PARSERS[call], body) for body in ANSWERS} == expected


@dialects
def test_what_is_no_list_raises_what_it_is(dialect):
    assert {body: outcome(LISTS[dialect.kind], dialect.server, body) for body in NO_LISTS} == NO_LISTS


@dialects
def test_a_value_in_a_row_comes_to_what_it_must(dialect):
    cases = corpus.fields(dialect)
    assert {field: made_of(dialect, field) for field in cases} == {field: field.outcome for field in cases}


def made_of(dialect, field):
    """What the row in the middle became; the rows beside it are always there."""
    found = LISTS[dialect.kind](dialect.server, corpus.body(dialect, field))
    first, *odd, last = found.rows
    assert (first.code, last.code) == ("first", "last")
    if field.name == "row":
        return "kept" if odd else "left out"
    if not odd:
        return found.rejected[0].removeprefix("row 2: ") if found.rejected else "hidden"
    if field.name == "visible":
        return "shown"
    return written(getattr(odd[0], field.name), field.outcome)


def written(value, expected):
    """The value as the corpus writes it: a number that says the same with fewer noughts is the same."""
    if isinstance(value, Decimal):
        assert not value.is_signed()
        return expected if value == Decimal(expected) and value.as_tuple().exponent >= -4 else str(value)
    return ascii(value)


@dialects
def test_there_are_enough_curated_bodies_for_every_list(dialect):
    assert len(NO_LISTS) + len({field.value for field in corpus.fields(dialect)}) >= CURATED


def test_there_are_enough_curated_answers():
    assert len(ANSWERS) >= CURATED
