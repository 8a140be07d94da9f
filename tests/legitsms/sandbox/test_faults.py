import gzip
import http.client
import socket
import threading
import time

import pytest

from legitsms.sandbox.faults import KINDS
from legitsms.sandbox.responses import CHALLENGE, FAILURE, GARBAGE

PURCHASE = {"action": "getNumber", "server": 1, "country": 187, "service": "sbnever"}
REQUEST = b"GET /api/handler/?api_key=k&action=getNumber&server=1&country=187&service=sbnever HTTP/1.1\r\n\r\n"


@pytest.fixture
def peer(sandbox):
    """A bare connection."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as peer:
        yield peer


def bought(sandbox):
    return len(sandbox.ledger()["orders"])


@pytest.mark.parametrize(
    ("fault", "page"),
    [
        ({"fault": "refuse", "word": "NO_BALANCE"}, (200, "NO_BALANCE")),
        ({"fault": "status"}, (503, FAILURE)),
        ({"fault": "status", "status": 522, "text": "origin"}, (522, "origin")),
        ({"fault": "html"}, (200, CHALLENGE)),
        ({"fault": "empty"}, (200, "")),
        ({"fault": "garbage"}, (200, GARBAGE)),
        ({"fault": "reply", "text": "ACCESS_NUMBER:7:15550199999"}, (200, "ACCESS_NUMBER:7:15550199999")),
    ],
)
def test_a_wrong_page_is_sent_once_and_nothing_is_bought(get, sandbox, fault, page):
    sandbox.fault("getNumber", **fault)
    response, body = get(**PURCHASE)
    assert ((response.status, body.decode()), bought(sandbox)) == (page, 0)
    assert get(**PURCHASE)[1].startswith(b"ACCESS_NUMBER:")


@pytest.mark.parametrize("fault", ["status", "html", "empty", "garbage", "drop_before", "hang"])
def test_any_fault_can_strike_after_the_purchase(peer, sandbox, fault):
    sandbox.fault("getNumber", fault, acts=True, seconds=0)
    peer.sendall(REQUEST)
    peer.recv(1)
    assert bought(sandbox) == 1


@pytest.mark.parametrize(("fault", "count"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_ends_without_a_byte(peer, sandbox, fault, count):
    sandbox.fault("getNumber", fault)
    peer.sendall(REQUEST)
    assert (peer.recv(1), bought(sandbox)) == (b"", count)


def test_a_connection_can_be_reset(peer, sandbox):
    sandbox.fault("getNumber", "drop_after", reset=True)
    peer.sendall(REQUEST)
    with pytest.raises(ConnectionResetError):
        peer.recv(1)


def test_a_hang_is_silent_and_sees_the_client_leave(peer, sandbox):
    sandbox.fault("getNumber", "hang")
    peer.sendall(REQUEST)
    peer.settimeout(0.5)
    with pytest.raises(TimeoutError):
        peer.recv(1)
    peer.close()
    assert wait_for(lambda: sandbox.ledger()["hung_up"] == 1)
    assert bought(sandbox) == 0


def test_a_delay_buys_at_once_and_answers_late(peer, sandbox):
    sandbox.fault("getNumber", "delay", seconds=0.1)
    peer.sendall(REQUEST)
    assert wait_for(lambda: bought(sandbox) == 1)
    assert peer.recv(12) == b"HTTP/1.1 200"


@pytest.mark.parametrize("part", ["body", "headers"])
def test_a_drip_brings_the_right_answer_in_the_end(get, sandbox, part):
    sandbox.fault("getNumber", "drip", part=part, seconds=0.001)
    assert get(**PURCHASE)[1].startswith(b"ACCESS_NUMBER:")


def test_a_drip_can_say_continue_for_ever(peer, sandbox):
    sandbox.fault("getNumber", "drip", part="continue", seconds=0.001)
    peer.sendall(REQUEST)
    said = b"".join(peer.recv(25) for _ in range(20))
    assert said.count(b"HTTP/1.1 100 Continue\r\n\r\n") > 10


def test_a_huge_body_is_as_long_as_asked_for(get, sandbox):
    sandbox.fault("getNumber", "huge", mib=2)
    assert len(get(**PURCHASE)[1]) == 2 * 2**20


def test_a_huge_body_can_be_a_gzip_bomb(get, sandbox):
    sandbox.fault("getNumber", "huge", mib=4, gzip=True)
    response, body = get(**PURCHASE)
    assert response.headers["Content-Encoding"] == "gzip"
    assert len(body) < 2**16 < len(gzip.decompress(body)) == 4 * 2**20


def test_the_sandbox_stops_although_a_client_does_not_read(peer, sandbox):
    sandbox.fault("getNumber", "huge", mib=100)
    peer.sendall(REQUEST)
    assert wait_for(lambda: not sandbox.ledger()["faults"])


def test_a_redirect_names_the_other_place(get, sandbox):
    sandbox.fault("getNumber", "redirect", url="http://127.0.0.1:1/elsewhere", status=307)
    response, _ = get(**PURCHASE)
    assert (response.status, response.headers["Location"]) == (307, "http://127.0.0.1:1/elsewhere")


@pytest.mark.parametrize("retry_after", ["-5", "soon", "Sun, 06 Nov 1994 08:49:37 GMT", 36000])
def test_a_wrong_page_may_have_more_headers(get, sandbox, retry_after):
    sandbox.fault("getNumber", "status", status=429, headers={"Retry-After": retry_after})
    response, _ = get(**PURCHASE)
    assert (response.status, response.headers["Retry-After"]) == (429, str(retry_after))


def test_raw_bytes_are_sent_as_they_are(peer, sandbox):
    sandbox.fault("getNumber", "raw", text="HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nACCESS_NUM\x00\xff")
    peer.sendall(REQUEST)
    assert peer.recv(4096) + peer.recv(1) == b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nACCESS_NUM\x00\xff"


def test_a_fault_strikes_as_often_as_told(ask, sandbox):
    sandbox.fault("getStatus", "garbage", text="?", times=2)
    assert [ask(action="getStatus", id="1") for _ in range(3)] == ["?", "?", "NO_ACTIVATION"]


def test_a_fault_without_end_is_cleared(ask, sandbox):
    sandbox.fault("*", "garbage", text="?", times=None)
    said = [ask(action="getStatus", id="1") for _ in range(5)]
    sandbox.clear()
    assert [*said, ask(action="getStatus", id="1")] == ["?"] * 5 + ["NO_ACTIVATION"]


def test_a_fault_can_be_for_one_order(ask, buy, sandbox):
    one, other = buy("never"), buy("never")
    sandbox.fault("getStatus", "garbage", order=other, text="?")
    assert [ask(action="getStatus", id=order) for order in (one, other)] == ["STATUS_WAIT_CODE", "?"]


def test_a_fault_can_be_for_cancels_only(ask, buy, sandbox):
    order = buy("never")
    sandbox.fault("setStatus", "garbage", where={"status": 8}, text="?")
    assert [ask(action="setStatus", id=order, status=status) for status in (6, 8)] == ["ACCESS_ACTIVATION", "?"]


def test_a_lost_answer_has_handed_out_no_code(ask, buy, sandbox):
    order = buy("never")
    sandbox.deliver(order, "123456")
    sandbox.fault("getStatus", "drop_after")
    with pytest.raises(http.client.RemoteDisconnected):
        ask(action="getStatus", id=order)
    assert sandbox.ledger()["orders"][0]["handed_out"] == []


@pytest.mark.parametrize(
    ("fault", "details"),
    [
        ("explode", {}),
        ("hang", {"seconds": "long"}),
        ("drip", {"part": "tail"}),
        ("empty", {"times": 0}),
        ("status", {"headers": {"X": "a\r\nb"}}),
        ("status", {"headers": "Retry-After: 1"}),
    ],
)
def test_a_fault_that_does_not_exist_cannot_be_ordered(sandbox, fault, details):
    with pytest.raises(ValueError, match=r"fault is one of|does not fit|part is|times is|headers"):
        sandbox.fault("getNumber", fault, **details)


def test_each_kind_of_fault_is_in_the_readme(readme):
    assert [kind for kind in KINDS if f"`{kind}`" not in readme] == []


def test_one_hanging_call_holds_up_nobody_else(ask, peer, sandbox):
    sandbox.fault("getNumber", "hang")
    peer.sendall(REQUEST)
    assert wait_for(lambda: not sandbox.ledger()["faults"])
    assert ask(action="getStatus", id="1") == "NO_ACTIVATION"


def wait_for(is_true):
    end = time.monotonic() + 20
    while not is_true() and time.monotonic() < end:
        threading.Event().wait(0.005)
    return is_true()
