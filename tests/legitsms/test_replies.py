"""Every answer that the documents know, and those that they do not, as an answer to each of the three calls."""

import json
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legitsms.error_words import ERROR_WORDS, Call, ErrorWord, refusals
from legitsms.exceptions import (
    AccountBanned,
    AddressBlocked,
    AlreadyClosed,
    BadKey,
    BadService,
    BadStatus,
    LegitSMSError,
    NoActivation,
    NoBalance,
    NoNumbers,
    Refused,
    ServerFault,
    TooEarly,
    Uncertain,
)
from legitsms.replies import (
    Closed,
    Closing,
    Code,
    Number,
    Waiting,
    parse_closing,
    parse_number,
    parse_status,
)

PARSERS = [parse_number, parse_status, parse_closing]

AT_ANY_CALL = {
    "BAD_KEY": BadKey,
    "NO_KEY": BadKey,
    "API_KEY_NOT_VALID": BadKey,
    "ACCOUNT_BAN": AccountBanned,
    "IP_BLOCKED": AddressBlocked,
    "BAD_ACTION": Refused,
    "BANNED": Refused,
}
BUYING = AT_ANY_CALL | {
    "NO_NUMBERS": NoNumbers,
    "NO_NUMBER": NoNumbers,
    "NO_BALANCE": NoBalance,
    "NO_MEANS": NoBalance,
    "NO_MONEY": NoBalance,
    "BAD_SERVICE": BadService,
    "WRONG_SERVICE": BadService,
    "BAD_COUNTRY": Refused,
    "WRONG_COUNTRY": Refused,
    "BAD_SERVER": Refused,
    "WRONG_SERVER": Refused,
    "BAD_ID": Refused,
    "CHANNELS_LIMIT": Refused,
    "MAX_PRICE_EXCEEDED": Refused,
}
ASKING = AT_ANY_CALL | {"NO_ACTIVATION": NoActivation}
CLOSING = ASKING | {
    "ERROR_WAIT_2_MINUTES": TooEarly,
    "EARLY_CANCEL_DENIED": TooEarly,
    "BAD_STATUS": BadStatus,
    "ACCESS_CANCEL_ALREADY": AlreadyClosed,
    "ALREADY_CANCELED": AlreadyClosed,
    "ALREADY_FINISH": AlreadyClosed,
}
REFUSALS = [
    *((parse_number, *pair) for pair in BUYING.items()),
    *((parse_status, *pair) for pair in ASKING.items()),
    *((parse_closing, *pair) for pair in CLOSING.items()),
]
FAULTS = ["ERROR_SQL", "SQL_ERROR"]
WORDS = sorted(BUYING | CLOSING)
SUCCESSES = ["ACCESS_CANCEL", "ACCESS_ACTIVATION", "STATUS_CANCEL", "STATUS_WAIT_CODE", "STATUS_OK:123456"]
OTHER_WORDS = [
    "ACCESS_READY",
    "ACCESS_RETRY_GET",
    "FULL_SMS:your code",
    "NO_SUCH_WORD",
    "BANNED:",
    "BANNED:<b>",
    "OK",
    "null",
]

CLOUDFLARE = "<!DOCTYPE html><html><head><title>Just a moment...</title></head><body>NO_NUMBERS</body></html>"
UNREADABLE = [
    "",
    " ",
    "\ufeff",
    "\r\n",
    CLOUDFLARE,
    "<html><body>Please log in to the hotel network</body></html>",
    "There has been a critical error on this website.",
    "<br />\n<b>Warning</b>: x in y on line 3<br />\nACCESS_NUMBER:1:15550199999",
    "ACCESS_NUMBER:1:15550199999\n<script src=x></script>",
    '{"status":"ACCESS_NUMBER"}',
    '{"status":"error","message":"ACCESS_NUMBER:1:15550199999"}',
    '{"status":"error","message":"ACCESS_CANCEL"}',
    '{"status":"error","message":"STATUS_CANCEL"}',
    '{"status":"error","message":["NO_NUMBERS"]}',
    '{"status":"success","message":"NO_NUMBERS"}',
    '{"success":true,"error_code":"NO_NUMBERS"}',
    '{"success":0,"error_code":"NO_NUMBERS"}',
    '{"code":"rest_no_route","data":{"status":404}}',
    '{"status":"error","message":"no_numbers"}',
    "{",
    '"NO_NUMBERS',
    "[]",
    '["NO_NUMBERS"]',
    '{"a":' * 50_000,
    "[" * 50_000,
    "1" * 5_000,
    '<?xml version="1.0"?><error>NO_NUMBERS</error>',
    "N\0O\0_\0N\0U\0M\0B\0E\0R\0S\0",
    "\ufffd\ufffdN\0O\0",
    "\u202eSREBMUN_ON",
    "x" * 65_536,
]
NO_NUMBERS_BOUGHT = [
    "ACCESS_NUM",
    "ACCESS_NUMBER",
    "ACCESS_NUMBER:",
    "ACCESS_NUMBER::",
    "ACCESS_NUMBER:1:",
    "ACCESS_NUMBER::15550199999",
    "ACCESS_NUMBER:1:2:3",
    "ACCESS_NUMBER:1:15550199999:3",
    "ACCESS_NUMBER:1:-15550199999",
    "ACCESS_NUMBER:1:1e9",
    "ACCESS_NUMBER:1.5:15550199999",
    "ACCESS_NUMBER:1:1555 019 9999",
    "ACCESS_NUMBER:1:++15550199999",
    "ACCESS_NUMBER:1:1555019999x",
    "ACCESS_NUMBER:1:1234",
    "ACCESS_NUMBER:1:" + "1" * 31,
    "ACCESS_NUMBER:" + "1" * 65 + ":15550199999",
    "ACCESS_NUMBER:1:15550199999\nACCESS_NUMBER:2:15550199998",
    "ACCESS_NUMBER:1\0:15550199999",
    "ACCESS_NUMBER:1:\u0661\u0662\u0663\u0664\u0665\u0666",
    "access_number:1:15550199999",
    'ACCESS_NUMBER:{"id":1}',
    "ACCESS_NUMBER 1 15550199999",
]


def failure_of(parse, text):
    with pytest.raises(LegitSMSError) as caught:
        parse(text)
    return caught.value


def test_a_bought_number_is_read():
    assert parse_number("ACCESS_NUMBER:12345678:15550199999") == Number("12345678", "15550199999")


@pytest.mark.parametrize("order", ["0", "9223372036854775808", "ab-C_9", "1" * 64])
def test_an_order_id_is_opaque_text(order):
    assert parse_number(f"ACCESS_NUMBER:{order}:15550199999").activation_id == order


def test_a_phone_number_loses_its_plus():
    assert parse_number("ACCESS_NUMBER:1:+15550199999").phone == "15550199999"


@pytest.mark.parametrize("text", ["\ufeffACCESS_NUMBER:1:15550199999\r\n", ' "ACCESS_NUMBER:1:15550199999" '])
def test_blanks_and_quotes_around_an_answer_are_ignored(text):
    assert parse_number(text) == Number("1", "15550199999")


@pytest.mark.parametrize("text", NO_NUMBERS_BOUGHT)
def test_a_purchase_is_in_doubt_if_its_answer_is_not_exactly_a_number(text):
    assert type(failure_of(parse_number, text)) is Uncertain


@pytest.mark.parametrize(
    "text", ["STATUS_WAIT_CODE", "STATUS_WAIT_RESEND", "STATUS_WAIT_RETRY:75588", "STATUS_WAIT_RETRY:"]
)
def test_an_order_without_a_new_code_is_waiting(text):
    assert parse_status(text) == Waiting()


def test_a_cancelled_or_expired_order_is_closed():
    assert parse_status("STATUS_CANCEL\n") == Closed()


@pytest.mark.parametrize("parse", [parse_status, parse_closing])
@pytest.mark.parametrize(
    "sms",
    [
        "123456",
        "12:34:56",
        ":",
        "null",
        "Activation code: 75588",
        "a\nb",
        "\U0001f511 42",
        "<b>1</b>",
        "STATUS_CANCEL",
        "x" * 1000,
    ],
)
def test_everything_after_the_first_colon_is_the_code(parse, sms):
    assert parse(f"STATUS_OK:{sms}") == Code(sms)


@pytest.mark.parametrize("parse", [parse_status, parse_closing])
def test_a_long_sms_is_cut_at_a_thousand_characters(parse):
    assert parse("STATUS_OK:" + "\U0001f511" * 10_000) == Code("\U0001f511" * 1000)


@pytest.mark.parametrize(("text", "sms"), [("STATUS_OK:1\x002", "12"), (r'"STATUS_OK:1\ud8002"', "1?2")])
def test_a_code_holds_nothing_that_a_database_refuses(text, sms):
    assert parse_status(text) == Code(sms)


@pytest.mark.parametrize("parse", [parse_status, parse_closing])
@pytest.mark.parametrize(
    "text", ["STATUS_OK", "STATUS_OK:", "STATUS_OK: \r\n", "STATUS_OK:\0", "status_ok:1", '"STATUS_OK: "']
)
def test_a_code_that_is_not_there_is_no_code(parse, text):
    assert type(failure_of(parse, text)) is Uncertain


@pytest.mark.parametrize(
    ("text", "closing"), [("ACCESS_CANCEL", Closing.CANCELLED), ("ACCESS_ACTIVATION", Closing.FINISHED)]
)
def test_a_closed_order_says_how_it_was_closed(text, closing):
    assert parse_closing(f"{text} ") is closing


@pytest.mark.parametrize(("parse", "word", "error"), REFUSALS)
def test_an_error_word_of_its_call_refuses(parse, word, error):
    failure = failure_of(parse, word)
    assert (type(failure), failure.word) == (error, word)


@pytest.mark.parametrize("envelope", [
    '"{}"', " {}\r\n", "\ufeff{}", '{{"status":"error","message":"{}"}}', '{{"success":false,"error_code":"{}"}}',
])  # fmt: skip
@pytest.mark.parametrize(("parse", "word", "error"), REFUSALS)
def test_an_error_word_refuses_in_every_envelope(parse, word, error, envelope):
    assert type(failure_of(parse, envelope.format(word))) is error


@pytest.mark.parametrize("text", ["MADE_UP", '{"status":"error","message":"MADE_UP"}', "MADE_UP:12"])
def test_a_new_error_word_needs_nothing_but_its_row_in_the_table(monkeypatch, text):
    monkeypatch.setitem(ERROR_WORDS, "MADE_UP", ErrorWord(NoNumbers, Call.GET_NUMBER, re.compile("[0-9]{2}")))
    found = failure_of(parse_number, text)
    assert (type(found), found.word, found.excerpt) == (NoNumbers, "MADE_UP", text)
    assert type(failure_of(parse_status, text)) is Uncertain


def test_the_words_that_refuse_a_purchase_are_listed():
    assert refusals(Call.GET_NUMBER) == {*BUYING, "WRONG_MAX_PRICE"}


@pytest.mark.parametrize("parse", PARSERS)
def test_wordpress_says_bad_key_in_its_own_way(parse):
    text = '{"code":"invalid_key","message":"Invalid API Key","data":{"status":401}}'
    assert type(failure_of(parse, text)) is BadKey


@pytest.mark.parametrize(("parse", "text", "word"), [
    (parse_number, "BANNED:'2026-01-01 10-00-00'", "BANNED"),
    (parse_status, "BANNED:'2026-01-01 10-00-00'", "BANNED"),
    (parse_number, "WRONG_MAX_PRICE:0.25", "WRONG_MAX_PRICE"),
])  # fmt: skip
def test_a_word_may_carry_its_detail(parse, text, word):
    failure = failure_of(parse, text)
    assert (type(failure), failure.word, failure.excerpt) == (Refused, word, text)


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("word", FAULTS)
def test_a_fault_of_the_server_leaves_doubt(parse, word):
    failure = failure_of(parse, word)
    assert (type(failure), failure.kind) == (ServerFault, word)


@pytest.mark.parametrize(("parse", "own"), [(parse_number, BUYING), (parse_status, ASKING), (parse_closing, CLOSING)])
def test_a_word_of_another_call_refuses_nothing(parse, own):
    strangers = [word for word in WORDS if word not in own]
    assert strangers
    assert {type(failure_of(parse, word)) for word in strangers} == {Uncertain}


@pytest.mark.parametrize("text", SUCCESSES)
def test_the_success_of_another_call_buys_nothing(text):
    assert type(failure_of(parse_number, text)) is Uncertain


@pytest.mark.parametrize("text", ["ACCESS_NUMBER:1:15550199999", "ACCESS_CANCEL", "ACCESS_ACTIVATION"])
def test_the_success_of_another_call_is_no_status(text):
    assert type(failure_of(parse_status, text)) is Uncertain


@pytest.mark.parametrize("text", ["ACCESS_NUMBER:1:15550199999", "STATUS_CANCEL", "STATUS_WAIT_CODE"])
def test_the_success_of_another_call_closes_nothing(text):
    assert type(failure_of(parse_closing, text)) is Uncertain


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(
    "change",
    [str.lower, "{}<br>".format, "<b>{}</b>".format, "{}:".format, "{}.".format, "x {}".format, "{0}\n{0}".format],
)
def test_a_word_that_is_not_exact_is_not_understood(parse, change):
    assert {type(failure_of(parse, change(word))) for word in [*WORDS, *FAULTS]} == {Uncertain}


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize("text", [*UNREADABLE, *OTHER_WORDS])
def test_an_answer_that_is_in_no_document_leaves_doubt(parse, text):
    assert type(failure_of(parse, text)) is Uncertain


def test_doubt_keeps_the_beginning_of_the_answer():
    assert failure_of(parse_number, CLOUDFLARE).excerpt == CLOUDFLARE[:256]


@pytest.mark.parametrize(("text", "kind"), [("", "empty"), ("\ufeff \n", "empty"), ("huh", "not understood")])
def test_doubt_says_whether_there_was_an_answer(text, kind):
    assert failure_of(parse_status, text).kind == kind


PIECES = st.sampled_from(
    [*WORDS, *FAULTS, *SUCCESSES, "ACCESS_NUMBER:", "STATUS_OK:", ":", '"', "{", "}", "1", "\0", "\n", "\ufeff"]
)
ANSWERS = st.one_of(
    st.text(),
    st.lists(PIECES, max_size=5).map("".join),
    st.recursive(st.text() | PIECES | st.none() | st.booleans(), lambda x: st.lists(x) | st.dictionaries(
        st.sampled_from(["status", "message", "success", "error_code", "code"]), x)).map(json.dumps),
)  # fmt: skip


@pytest.mark.parametrize("parse", PARSERS)
@settings(max_examples=200, derandomize=True, database=None)
@given(text=ANSWERS)
def test_any_text_is_a_typed_value_or_one_of_our_errors(parse, text):
    try:
        answer = parse(text)
    except (Refused, Uncertain) as failure:
        assert failure.excerpt.isprintable()  # noqa: PT017
    else:
        assert isinstance(answer, Number | Waiting | Code | Closed | Closing)
        str(getattr(answer, "text", "")).encode()
