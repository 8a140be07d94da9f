"""The key rides in the URL and must be found nowhere else: provoke every kind of failure, search what is left of it."""

import logging
import pickle
import traceback
from urllib.parse import quote, quote_plus

import pytest

from legitsms import Client, LegitSMSError
from legitsms.endpoint import MASK, Endpoint
from legitsms.transport import call
from tests.legitsms.conftest import KEY
from tests.legitsms.upstream import reply

SPELLINGS = {KEY, quote(KEY, safe=""), quote_plus(KEY), "CANARY", "api_key=C"}
ECHO = f"<html>404: /api/handler/?api_key={quote(KEY, safe='')} ({KEY})".encode()

FAILURES = {
    "silence": lambda line: line.stay_silent(),
    "hung up": lambda line: line.hang_up(),
    "no HTTP": lambda line: line.say(b"NO_NUMBERS\r\n\r\n"),
    "a header that is none": lambda line: line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nno colon here\r\n\r\nOK"),
    "a long header": lambda line: line.say(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n"),
    "a body that ends early": lambda line: (
        line.say(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nx"),
        line.hang_up(),
    ),
    "a redirect": lambda line: line.say(reply(ECHO, "Location: https://evil.example/", status="302 Found")),
    "HTTP 503": lambda line: line.say(reply(ECHO, status="503 x")),
    "HTTP 429": lambda line: line.say(reply(ECHO, status="429 x")),
    "HTTP 404": lambda line: line.say(reply(ECHO, status="404 x")),
    "an encoding": lambda line: line.say(reply(ECHO, "Content-Encoding: gzip")),
    "an endless body": lambda line: (line.say(b"HTTP/1.1 200 OK\r\n\r\n"), line.flood(ECHO)),
    "a page that shows the URL": lambda line: line.say(reply(ECHO)),
    "the key cut in two": lambda line: line.say(reply(b"x" * 250 + KEY.encode())),
    "a refusal": lambda line: line.say(reply(b"BAD_KEY")),
    "a refusal in an envelope": lambda line: line.say(reply(f'{{"code":"invalid_key","message":"{KEY}"}}'.encode())),
    "a fault": lambda line: line.say(reply(b"ERROR_SQL")),
}


def leaks(text):
    return [spelling for spelling in SPELLINGS if spelling in text]


def remains(error):
    """Return all that a log or a tracker could make of an error: its frames' locals, and what it was chained to."""
    locals_ = [
        repr(value)
        for frame, _ in traceback.walk_tb(error.__traceback__)
        if "/tests/" not in frame.f_code.co_filename
        for value in frame.f_locals.values()
    ]
    lines = traceback.format_exception(error)
    return "\n".join([str(error), repr(error), repr(vars(error)), *lines, *locals_, str(pickle.dumps(error))])


def provoke(client):
    with pytest.raises(LegitSMSError) as caught:
        client.get_number(service="wa", country="1", server=1)
    return caught.value


@pytest.fixture
def client(upstream):
    return Client(upstream.url, KEY)


@pytest.fixture(autouse=True)
def everything_is_logged(caplog):
    """The loudest a team could ask for."""
    caplog.set_level(logging.DEBUG)
    caplog.set_level(logging.DEBUG, logger="urllib3")


@pytest.mark.parametrize("behave", FAILURES.values(), ids=FAILURES)
def test_no_failure_of_an_answer_shows_the_key(endpoint, upstream, caplog, behave):
    upstream.behave = behave
    with pytest.raises(LegitSMSError) as caught:
        Impatient(endpoint).get_status("1")
    assert leaks(remains(caught.value)) == []
    assert (caught.value.__cause__, caught.value.__context__) == (None, None)
    assert leaks(caplog.text) == []


class Impatient(Client):
    """A client that gives up sooner, for the tests' sake."""

    def __init__(self, endpoint):
        super().__init__(endpoint.url, endpoint.key)

    def _call(self, **params):
        return call(self._endpoint, params, seconds=0.2)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", f"https://{'x' * 64}.legitsms.com/"], ids=["connect", "name"])
def test_no_failure_to_connect_shows_the_key(caplog, url):
    failure = provoke(Client(url, KEY))
    assert leaks(remains(failure)) == []
    assert (failure.__cause__, failure.__context__) == (None, None)
    assert leaks(caplog.text) == []


def test_no_failure_of_a_handshake_shows_the_key(tls, caplog):
    failure = provoke(Client(tls(name="other.example").url, KEY))
    assert leaks(remains(failure)) + leaks(caplog.text) == []


def test_no_invalid_parameter_shows_the_key(client):
    with pytest.raises(LegitSMSError) as caught:
        client.get_status("1\0")
    assert leaks(remains(caught.value)) == []


def test_no_garbled_list_shows_the_key(client, upstream):
    upstream.behave = lambda line: line.say(reply(ECHO))
    with pytest.raises(LegitSMSError) as caught:
        client.get_countries(1)
    assert leaks(remains(caught.value)) == []


def test_a_success_does_not_show_the_key_either(client, upstream, caplog):
    upstream.behave = lambda line: line.say(reply(f"STATUS_OK:{KEY}".encode()))
    assert client.get_status("1").text == MASK
    assert leaks(caplog.text) == []


def test_neither_client_nor_endpoint_shows_the_key(client, endpoint):
    assert leaks(repr(client) + str(client) + repr(endpoint)) == []


def test_a_key_that_cannot_be_one_is_not_shown():
    with pytest.raises(ValueError, match="API key") as caught:
        Client("https://legitsms.com/api/handler/", f"{KEY}\n")
    assert leaks(str(caught.value)) == []


def test_an_excerpt_never_ends_within_the_key(upstream):
    upstream.behave = lambda line: line.say(reply(b"x" * 250 + KEY.encode(), status="503 x"))
    with pytest.raises(LegitSMSError) as caught:
        call(Endpoint(upstream.url, KEY), {"id": "1"}, seconds=20)
    assert caught.value.excerpt == "x" * 250 + MASK
