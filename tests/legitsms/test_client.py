"""The calls of the API: what each sends, and what comes of every answer on its way through a real socket."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from legitsms import (
    AlreadyClosed,
    BadKey,
    BadStatus,
    Client,
    Closed,
    Closing,
    Code,
    Garbled,
    LegitSMSError,
    NoActivation,
    NoBalance,
    NoNumbers,
    NotSent,
    Number,
    ServerFault,
    TooEarly,
    Uncertain,
    Waiting,
)
from tests.legitsms.conftest import KEY
from tests.legitsms.upstream import reply


@pytest.fixture
def client(upstream):
    return Client(upstream.url, KEY)


@pytest.fixture
def answer(upstream):
    """Have upstream answer so from now on."""

    def answer(body, *headers, status="200 OK"):
        upstream.behave = lambda line: line.say(reply(body.encode(), *headers, status=status))

    return answer


def buy(client):
    return client.get_number(service="wa", country="187", server=1)


def sent(upstream):
    """Return the query of the one request that was made."""
    (request,) = upstream.requests
    method, target, _ = request.decode().split("\r\n")[0].split()
    assert (method, urlsplit(target).path) == ("GET", "/api/handler/")
    return parse_qsl(urlsplit(target).query, keep_blank_values=True)


CALLS = {
    "get_countries": (lambda c: c.get_countries(3), [("action", "getCountries"), ("server", "3")]),
    "get_services": (lambda c: c.get_services(2), [("action", "getServices"), ("server", "2")]),
    "get_services of a country": (
        lambda c: c.get_services(3, "usa"),
        [("action", "getServices"), ("server", "3"), ("country", "usa")],
    ),
    "get_number": (buy, [("action", "getNumber"), ("service", "wa"), ("country", "187"), ("server", "1")]),
    "get_status": (lambda c: c.get_status("550011"), [("action", "getStatus"), ("id", "550011")]),
    "cancel": (lambda c: c.cancel("550011"), [("action", "setStatus"), ("id", "550011"), ("status", "8")]),
    "finish": (lambda c: c.finish("550011"), [("action", "setStatus"), ("id", "550011"), ("status", "6")]),
}


@pytest.mark.parametrize(("make", "query"), CALLS.values(), ids=CALLS)
def test_a_call_sends_exactly_its_parameters_once(client, upstream, answer, make, query):
    answer("BAD_KEY")
    with pytest.raises(BadKey):
        make(client)
    assert sent(upstream) == [("api_key", KEY), *query]


def test_a_code_with_an_ampersand_adds_no_parameter(client, upstream, answer):
    answer("BAD_SERVICE")
    with pytest.raises(LegitSMSError):
        client.get_number(service="wa&action=setStatus&status=8", country="1#", server=1)
    assert dict(sent(upstream)) == {
        "api_key": KEY,
        "action": "getNumber",
        "service": "wa&action=setStatus&status=8",
        "country": "1#",
        "server": "1",
    }


@pytest.mark.parametrize(
    "make",
    [
        lambda c: c.get_number(service="wa\r\n", country="1", server=1),
        lambda c: c.get_number(service="", country="1", server=1),
        lambda c: c.get_number(service="wa", country="1", server=4),
        lambda c: c.get_countries(0),
        lambda c: c.get_services(3),
        lambda c: c.get_status("1\0"),
    ],
)
def test_what_cannot_be_meant_is_not_sent(client, upstream, make):
    with pytest.raises(NotSent, match="input"):
        make(client)
    assert upstream.connections == 0


def test_a_number_is_bought(client, answer):
    answer("ACCESS_NUMBER:12345678:15550199999")
    assert buy(client) == Number("12345678", "15550199999")


def test_every_purchase_has_a_connection_of_its_own(client, upstream, answer):
    answer("STATUS_WAIT_CODE")
    client.get_status("1")
    answer("ACCESS_NUMBER:1:15550199999")
    buy(client)
    buy(client)
    assert upstream.connections == 3


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("NO_NUMBERS", NoNumbers),
        ("NO_BALANCE", NoBalance),
        ('{"status":"error","message":"NO_MONEY"}', NoBalance),
        ("BAD_KEY", BadKey),
        ("ERROR_SQL", ServerFault),
        ("NO_ACTIVATION", Uncertain),
        ("STATUS_OK:1", Uncertain),
        ("NO_BALANCE<br>", Uncertain),
        ("", Uncertain),
        ("ACCESS_NUM", Uncertain),
    ],
)
def test_a_purchase_fails_as_its_answer_says(client, answer, body, error):
    answer(body)
    with pytest.raises(error) as caught:
        buy(client)
    assert type(caught.value) is error


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_word_with_a_client_error_status_refuses_all_the_same(client, answer, status):
    answer("NO_NUMBERS", status=f"{status} x")
    with pytest.raises(NoNumbers):
        buy(client)


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 409, 422])
def test_a_word_in_the_title_of_a_client_error_refuses(client, answer, status):
    answer(
        '{"title":"NO_BALANCE","details":"Top up your balance"}', "Content-Type: application/json", status=f"{status} x"
    )
    with pytest.raises(NoBalance) as caught:
        buy(client)
    assert caught.value.word == "NO_BALANCE"


@pytest.mark.parametrize("status", [500, 502, 503, 520])
def test_no_word_with_a_server_error_status_refuses_a_purchase(client, answer, status):
    answer("NO_NUMBERS", status=f"{status} x")
    with pytest.raises(Uncertain, match=f"HTTP {status}"):
        buy(client)


@pytest.mark.parametrize("status", [200, 401, 403, 404, 503])
def test_a_page_leaves_a_purchase_in_doubt(client, answer, status):
    answer("<!DOCTYPE html><title>Just a moment...</title>", "Content-Type: text/html", status=f"{status} x")
    with pytest.raises(Uncertain) as caught:
        buy(client)
    assert caught.value.excerpt.startswith("<!DOCTYPE html>")


def test_a_purchase_that_is_redirected_is_in_doubt(client, answer):
    answer("", "Location: https://legitsms.com/login", status="302 Found")
    with pytest.raises(Uncertain, match="redirect"):
        buy(client)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("STATUS_WAIT_CODE", Waiting()),
        ("STATUS_WAIT_RETRY:75588", Waiting()),
        ("STATUS_OK:\U0001f511 1:2", Code("\U0001f511 1:2")),
        ("STATUS_CANCEL", Closed()),
    ],
)
def test_a_status_is_read(client, answer, body, status):
    answer(body)
    assert client.get_status("1") == status


def test_an_unknown_order_is_no_closed_order(client, answer):
    answer("NO_ACTIVATION")
    with pytest.raises(NoActivation):
        client.get_status("1")


@pytest.mark.parametrize("close", [Client.cancel, Client.finish])
@pytest.mark.parametrize(
    ("body", "closing"),
    [
        ("ACCESS_CANCEL", Closing.CANCELLED),
        ("ACCESS_ACTIVATION", Closing.FINISHED),
        ("STATUS_OK:123456", Code("123456")),
    ],
)
def test_closing_returns_what_upstream_says_it_did(client, answer, close, body, closing):
    answer(body)
    assert close(client, "1") == closing


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("ERROR_WAIT_2_MINUTES", TooEarly),
        ("BAD_STATUS", BadStatus),
        ("ALREADY_CANCELED", AlreadyClosed),
        ("STATUS_CANCEL", Uncertain),
        ("", Uncertain),
    ],
)
def test_closing_fails_as_its_answer_says(client, answer, body, error):
    answer(body)
    with pytest.raises(error):
        client.cancel("1")


@pytest.mark.parametrize("close", [Client.cancel, Client.finish])
def test_no_content_tells_nothing_of_what_became_of_an_order(client, upstream, close):
    upstream.behave = lambda line: line.say(b"HTTP/1.1 204 No Content\r\n\r\n")
    with pytest.raises(Uncertain) as caught:
        close(client, "1")
    assert (type(caught.value), caught.value.kind) == (Uncertain, "empty")


def test_a_list_may_come_as_html_with_a_byte_order_mark(client, answer):
    answer('\ufeff[{"ID": 2, "name": "United Kingdom", "short_name": "UK", "cc": 44}]', "Content-Type: text/html")
    assert [row.iso for row in client.get_countries(2).rows] == ["GB"]


def test_a_list_may_be_long(client, answer):
    answer("{" + ",".join(f'"service-{n}": {{"Price": 1.5, "Qty": 3}}' for n in range(5000)) + "}")
    assert len(client.get_services(3, "usa").rows) == 5000


def test_a_page_in_place_of_a_list_is_garbled(client, answer):
    answer("<html>")
    with pytest.raises(Garbled):
        client.get_services(1)


@pytest.mark.parametrize("url", ["http://legitsms.com/", "https://user@legitsms.com/", "https://evil.example/"])
def test_a_client_is_made_only_for_a_url_that_may_have_the_key(url):
    with pytest.raises(ValueError, match="the URL of the API"):
        Client(url, KEY)
