"""Ten thousand made-up bodies for each parser, judged by an oracle that reads the protocol in another way.

A body that is found to break something goes into `corpus/`, with what it should have come to.
"""

import gc
import json
import re
from time import thread_time

import pytest

from legitsms import Closed, Closing, Code, Garbled, Number, Refused, ServerFault, Uncertain, Waiting
from legitsms.error_words import ERROR_WORDS
from legitsms.lists import parse_countries, parse_services
from legitsms.replies import parse_closing, parse_number, parse_status
from tests.legitsms import corpus
from tests.legitsms.corpus import DIALECTS
from tests.legitsms.mutations import BLANKS, BODIES, near

ANSWERS = corpus.answers()
NO_LISTS = corpus.no_lists()
REFUSALS = {meaning.error.__name__ for meaning in ERROR_WORDS.values() if issubclass(meaning.error, Refused)}
CALLS = {
    parse_number: {body: outcomes[0] for body, outcomes in ANSWERS.items()},
    parse_status: {body: outcomes[1] for body, outcomes in ANSWERS.items()},
    parse_closing: {body: outcomes[2] for body, outcomes in ANSWERS.items()},
    parse_countries: NO_LISTS,
    parse_services: NO_LISTS,
}
WORDS = {  # that refuse each call, as the corpus has them
    parse: {body for body, outcome in answers.items() if outcome in REFUSALS and re.fullmatch("[A-Z0-9_]+", body)}
    for parse, answers in CALLS.items()
}
FAULTS = {"ERROR_SQL", "SQL_ERROR"}
SECONDS = 1  # of CPU for one body; they take microseconds


@pytest.fixture(autouse=True)
def no_garbage_collection():
    """A collection would count as CPU time of whichever body is parsed meanwhile: over a second in a large process."""
    gc.disable()
    yield
    gc.enable()


def outcome(parse, *given):
    """The answer or the error, whatever it is, and how many CPU seconds it took."""
    began = thread_time()
    try:
        answer = parse(*given)
    except Exception as fault:  # noqa: BLE001 - of which kind it is, is what is tested
        answer = fault
    return answer, thread_time() - began


@pytest.mark.parametrize("parse", [parse_number, parse_status, parse_closing])
def test_an_answer_is_what_the_protocol_says_or_one_of_our_errors(parse):
    found = {body: outcome(parse, body) for body in near(ANSWERS)}
    assert len(found) > BODIES / 2
    assert [case for case in found.items() if not is_right(parse, *case)][:5] == []


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: f"{dialect.kind} {dialect.server}")
def test_a_list_is_rows_that_can_be_stored_or_one_of_our_errors(dialect):
    parse = parse_countries if dialect.kind == "countries" else parse_services
    fields = [field for field in corpus.fields(dialect) if len(field.value) < 100]
    seeds = [*[corpus.body(dialect, field) for field in fields], *NO_LISTS]
    found = {body: outcome(parse, dialect.server, body) for body in near(seeds, [field.value for field in fields])}
    assert sum(not isinstance(answer, Exception) for answer, _ in found.values()) > BODIES / 10
    assert [case for case in found.items() if not is_right(parse, *case)][:5] == []


# --- The oracle


def is_right(parse, body, found):
    answer, seconds = found
    if seconds > SECONDS:
        return False
    return is_right_error(parse, body, answer) if isinstance(answer, Exception) else is_right_value(parse, body, answer)


def is_right_error(parse, body, error):
    """Whether it is one of ours that this body may come to, with a short, printable excerpt and nothing chained."""
    match error:
        case Refused():
            is_meant = error.word in WORDS[parse] and is_said(error.word, body)
        case ServerFault():
            is_meant = error.kind in FAULTS and is_said(error.kind, body)
        case Uncertain():
            is_meant = parse not in {parse_countries, parse_services}
        case Garbled():
            is_meant = parse in {parse_countries, parse_services}
        case _:
            return False
    is_alone = error.__cause__ is error.__context__ is None
    return is_meant and is_alone and len(error.excerpt) <= 256 and error.excerpt.isprintable()


def is_said(word, body):
    """Whether the body is the word, the word and its detail, or an envelope with the word in it."""
    text = plain(body)
    if not text.startswith("{"):
        return text == word or text.startswith((f"{word}:'", f"{word}:0", f"{word}:1"))
    said = json.loads(text)
    return said.get("code") == "invalid_key" or word in {
        str(said.get(key)).partition(":")[0] for key in ("message", "error_code", "title")
    }


def plain(body):
    body = body.strip(BLANKS)
    try:
        inner = json.loads(body) if body[:1] in {'"', "{"} else body
    except (ValueError, RecursionError):
        return body
    if isinstance(inner, dict):
        inner = {"True": inner.get("message"), "success": inner.get("data")}.get(str(inner.get("status")))
    return inner if isinstance(inner, str) else body


def is_right_value(parse, body, answer):
    text = plain(body)
    match answer:
        case Number(activation_id=order, phone=phone):
            return (
                parse is parse_number
                and re.sub(r":\+", ":", text) == f"ACCESS_NUMBER:{order}:{phone}"
                and is_phone(phone)
            )
        case Code(text=sms):
            return parse is not parse_number and text.startswith("STATUS_OK:") and is_sms(sms)
        case Waiting():
            return bool(re.match("STATUS_WAIT_((CODE|RESEND)$|(CODE|RETRY):)", text))
        case Closed():
            return text in {"STATUS_CANCEL", "STATUS_FINISH"}
        case Closing():
            return text == answer.value
    codes = [row.code for row in answer.rows]
    return 0 < len(set(codes)) == len(codes) and all(map(is_storable, answer.rows))


def is_phone(phone):
    return phone.isascii() and phone.isdecimal() and 5 <= len(phone) <= 20


def is_sms(sms):
    return bool(sms.strip()) and len(sms) <= 1000 and "\0" not in sms and bool(sms.encode())


def is_storable(row):
    """Whether a row fits into its columns on every database, and into one line of a menu."""
    is_named = 0 < len(row.name.strip()) <= 120 and row.name.splitlines() == [row.name] and bool(row.name.encode())
    if not is_named or not re.fullmatch(r"[0-9A-Za-z_.-]{1,64}", row.code):
        return False
    if hasattr(row, "iso"):
        return bool(re.fullmatch("([A-Z]{2})?", row.iso) and re.fullmatch("[0-9]{0,8}", row.prefix))
    is_priced = row.price is None or (0 <= row.price < 10**6 and row.price.as_tuple().exponent >= -4)
    return is_priced and (row.stock is None or 0 <= row.stock < 2**31)
