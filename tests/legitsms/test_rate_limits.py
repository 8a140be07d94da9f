"""Answers that say that a rate limit was exceeded: what each proves, and how long it asks to wait."""

import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests.structures import CaseInsensitiveDict

from legitsms import (
    Client,
    LegitSMSError,
    RateLimited,
    Refused,
    TooManyRequests,
    Uncertain,
    UncertainRateLimit,
)
from legitsms.rate_limits import parse_retry_after, rate_limit
from tests.legitsms.conftest import KEY
from tests.legitsms.upstream import reply

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
CLOUDFLARE_1015 = (
    "<!DOCTYPE html>\n<html><head><title>Access denied | legitsms.com used Cloudflare to restrict access</title></head>"
    "<body><h1><span>Error</span> <span>1015</span></h1><h2>You are being rate limited</h2></body></html>"
)
PAGES = [
    CLOUDFLARE_1015,
    "<html><head><title>429 Too Many Requests</title></head><body><center>nginx</center></body></html>",
    "\r\n<h1>Too  many\nrequests</h1>",
    "<p>Rate limit exceeded",
    "<p>rate-limited",
    "<body>error code: 1015</body>",
    "error code: 1015",
    "error code: 1015\r\n",
]
OTHER_ANSWERS = [
    "",
    "NO_NUMBERS",
    "error code: 1020",
    "error code: 10150",
    "<!DOCTYPE html><title>Just a moment...</title>",
    "STATUS_OK:You exceeded the rate limit, your code is 123456",
    '{"title":"NO_BALANCE","details":"<p>too many requests"}',
    "rate limit",
]
CALLS = {
    "get_countries": lambda client: client.get_countries(1),
    "get_services": lambda client: client.get_services(1),
    "get_number": lambda client: client.get_number(service="wa", country="187", server=1),
    "get_status": lambda client: client.get_status("1"),
    "cancel": lambda client: client.cancel("1"),
    "finish": lambda client: client.finish("1"),
}
every_call = pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)


@pytest.fixture
def failure(upstream):
    """Make a call that upstream answers so, and return its exception."""

    def failure(call, body, *headers, status):
        upstream.behave = lambda line: line.say(reply(body.encode(), *headers, status=f"{status} x"))
        with pytest.raises(LegitSMSError) as caught:
            call(Client(upstream.url, KEY))
        return caught.value

    return failure


def judged(status, body="", **headers):
    names = {"retry_after": "Retry-After", "date": "Date"}
    return rate_limit(status, CaseInsensitiveDict({names[name]: value for name, value in headers.items()}), body)


# --- What it proves


@every_call
@pytest.mark.parametrize("body", ["", "Too Many Requests", "NO_NUMBERS", CLOUDFLARE_1015])
def test_a_429_refuses_every_call_whatever_its_body_says(failure, call, body):
    refused = failure(call, body, "Retry-After: 7", status=429)
    assert isinstance(refused, Refused)
    assert not isinstance(refused, Uncertain)
    assert (type(refused), refused.word, refused.excerpt) == (
        TooManyRequests,
        "HTTP 429",
        body[:256].replace("\n", "�"),
    )
    assert refused.retry_after == timedelta(seconds=7)


@every_call
def test_a_503_with_retry_after_leaves_doubt_and_is_a_rate_limit(failure, call):
    doubt = failure(call, "<h1>Service Unavailable</h1>", "retry-after: 30", status=503)
    assert isinstance(doubt, Uncertain)
    assert not isinstance(doubt, Refused)
    assert (type(doubt), doubt.kind, doubt.retry_after) == (UncertainRateLimit, "HTTP 503", timedelta(seconds=30))


@every_call
@pytest.mark.parametrize("status", [403, 503])
@pytest.mark.parametrize("page", PAGES)
def test_a_rate_limit_page_leaves_doubt_and_is_a_rate_limit(failure, call, page, status):
    doubt = failure(call, page, status=status)
    assert (type(doubt), doubt.kind, doubt.retry_after) == (UncertainRateLimit, f"HTTP {status}", None)


@pytest.mark.parametrize("body", ["ACCESS_NUMBER:1:15550199999", '{"data":"ACCESS_NUMBER:1:2"}', "STATUS_OK:1"])
def test_a_429_with_a_success_in_its_body_refuses_nothing(failure, body):
    assert type(failure(CALLS["get_number"], body, status=429)) is UncertainRateLimit


@pytest.mark.parametrize("body", OTHER_ANSWERS)
@pytest.mark.parametrize("status", [403, 503])
def test_another_answer_with_such_a_status_is_no_rate_limit(status, body):
    assert judged(status, body) is None


@pytest.mark.parametrize("status", [200, 204, 400, 401, 404, 500, 502, 504, 520])
def test_with_another_status_nothing_is_a_rate_limit(status):
    assert judged(status, CLOUDFLARE_1015, retry_after="5") is None


def test_a_code_that_comes_with_a_403_is_read(upstream):
    upstream.behave = lambda line: line.say(reply(b"STATUS_OK:rate limit 1015", status="403 x"))
    assert Client(upstream.url, KEY).get_status("1").text == "rate limit 1015"


def test_a_rate_limit_survives_pickling():
    copy = pickle.loads(pickle.dumps(TooManyRequests("HTTP 429", "slow\ndown", MINUTE)))  # noqa: S301
    assert (type(copy), copy.kind, copy.excerpt, copy.retry_after) == (
        TooManyRequests, "HTTP 429", "slow\N{REPLACEMENT CHARACTER}down", MINUTE,
    )  # fmt: skip


def test_every_rate_limit_is_either_a_refusal_or_a_doubt():
    assert {
        kind: (issubclass(kind, Refused), issubclass(kind, Uncertain)) for kind in RateLimited.__subclasses__()
    } == {
        TooManyRequests: (True, False),
        UncertainRateLimit: (False, True),
    }


# --- How long it asks to wait


@pytest.mark.parametrize(
    ("value", "wait"),
    [
        ("0", timedelta(0)),
        ("2", timedelta(seconds=2)),
        (" 120\t", 2 * MINUTE),
        ("007", timedelta(seconds=7)),
        ("1.5", timedelta(seconds=1.5)),
        ("36000", timedelta(hours=10)),
        ("86399999999999", timedelta(days=999999999, seconds=86399)),
        ("99999999999999999999", timedelta.max),
        ("9" * 10_000, timedelta.max),
        ("9" * 10_000 + ".5", timedelta.max),
    ],
)
def test_seconds_are_taken_as_they_are(value, wait):
    assert parse_retry_after(value) == wait


@pytest.mark.parametrize(
    "value",
    [
        *("", " ", "-1", "-0", "+1", "1e3", "1_000", "1,5", "1.", ".5", "0x10", "inf", "nan", "\u0661", "1 2", "1, 2"),
        *("soon", "null", "2 seconds", "<b>", "\0", "1\0", "\ud800", "GMT", ",", "Sun, 99 Foo 2026 99:99:99 GMT"),
        *(
            "Sun, 01 Mar 99999 12:00:00 GMT",
            "Sun, 01 Mar 2026 12:00:00 +9999",
            "Sun, 00 Mar 2026 12:00:00 GMT",
            "x" * 9999,
        ),
    ],
)
def test_nonsense_asks_for_no_certain_wait(value):
    assert parse_retry_after(value) is None


def test_a_date_is_compared_with_the_date_of_the_answer():
    until, sent_at = (format_datetime(at, usegmt=True) for at in (NOW + MINUTE, NOW))
    assert parse_retry_after(until, sent_at) == MINUTE
    assert judged(429, retry_after=until, date=sent_at).retry_after == MINUTE


@pytest.mark.parametrize("sent_at", ["", "yesterday"])
def test_a_date_without_one_to_compare_is_compared_with_the_clock(sent_at):
    wait = parse_retry_after(format_datetime(datetime.now(UTC) + 2 * MINUTE, usegmt=True), sent_at)
    assert MINUTE < wait <= 2 * MINUTE


def test_a_date_in_the_past_asks_for_no_certain_wait():
    assert parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT") is None


@pytest.mark.parametrize("zone", ["-0000", "+0000", "UTC", ""])
def test_a_date_in_any_spelling_of_utc_is_read(zone):
    assert parse_retry_after(f"Sun, 01 Mar 2026 12:01:00 {zone}", format_datetime(NOW, usegmt=True)) == MINUTE


VALUES = st.one_of(
    st.text(),
    st.from_regex(r"[+-]?[0-9]{0,30}[.,]?[0-9]{0,9}"),
    st.lists(
        st.sampled_from(["Sun, ", "01 ", "Mar ", "2026 ", "99999", "12:00:00 ", "GMT", "+9999", ":", ",", "99"])
    ).map("".join),
)


@settings(max_examples=500, derandomize=True, database=None)
@given(value=VALUES, sent_at=VALUES)
def test_no_header_raises_or_asks_for_a_negative_wait(value, sent_at):
    assert (parse_retry_after(value, sent_at) or timedelta(0)) >= timedelta(0)
