"""The sandbox's rate limit: which requests it refuses, how it refuses them, and what it tells of them."""

from datetime import timedelta

import pytest

from legitsms import Client, TooManyRequests
from legitsms.sandbox import Sandbox
from legitsms.sandbox.rate_limit import RateLimit

A_DAY = 1 / 1440  # requests a minute: no test waits for the second


def served(limit, *times):
    return [limit.admit(at) is None for at in times]


# --- Which requests


def test_requests_nearer_than_the_distance_to_the_last_served_one_are_refused():
    assert served(RateLimit(30), 100, 100.1, 101.9, 102, 102, 103.5, 104.1) == [
        True,
        False,
        False,
        True,
        False,
        False,
        True,
    ]


def test_a_pause_earns_no_burst():
    assert served(RateLimit(30), 100, 1000, 1000.5, 1001) == [True, True, False, False]


def test_a_refused_request_does_not_put_off_the_next():
    limit = RateLimit(60)
    assert served(limit, 10, *[10 + n / 10 for n in range(1, 10)], 11) == [True, *[False] * 9, True]
    assert (limit.served, limit.refused) == (2, 9)


def test_without_a_limit_nothing_is_refused():
    assert all(served(RateLimit(), *[5.0] * 1000))


def test_a_refusal_says_how_long_to_wait():
    limit = RateLimit(30)
    limit.admit(100)
    assert limit.admit(100.5) == 1.5


@pytest.mark.parametrize("rate", [-1, float("nan"), float("inf"), "30", None])
def test_a_limit_that_is_none_is_refused(rate):
    with pytest.raises(ValueError, match="requests_per_minute"):
        RateLimit(rate)


# --- How


@pytest.fixture
def limited():
    with Sandbox(requests_per_minute=A_DAY) as sandbox:
        yield sandbox


def test_a_purchase_too_soon_is_answered_429_and_buys_nothing(limited):
    client = Client(limited.url, "any key")
    client.get_number(service="sbcode", country="187", server=1)
    with pytest.raises(TooManyRequests) as caught:
        client.get_number(service="sbcode", country="187", server=1)
    assert timedelta(hours=23) < caught.value.retry_after <= timedelta(hours=24)
    assert len(limited.ledger()["orders"]) == 1


def test_retry_after_can_be_left_out():
    with Sandbox(requests_per_minute=A_DAY, retry_after=False) as sandbox:
        client = Client(sandbox.url, "any key")
        client.get_countries(1)
        with pytest.raises(TooManyRequests) as caught:
            client.get_countries(1)
    assert caught.value.retry_after is None


def test_every_call_of_every_key_counts(limited):
    with pytest.raises(TooManyRequests):
        [Client(limited.url, key).get_countries(1) for key in ("one", "other")]


def test_a_refused_call_uses_up_no_fault(limited):
    client = Client(limited.url, "any key")
    client.get_countries(1)
    limited.fault("*", "empty")
    with pytest.raises(TooManyRequests):
        client.get_countries(1)
    assert len(limited.ledger()["faults"]) == 1


def test_control_calls_are_not_limited(limited):
    Client(limited.url, "any key").get_countries(1)
    assert limited.ledger()["rate_limit"] == {
        "requests_per_minute": A_DAY, "retry_after": True, "served": 1, "refused": 0,
    }  # fmt: skip


# --- What it tells


def test_the_ledger_tells_each_request_that_was_served_or_refused(get, sandbox):
    get(action="getStatus", id="1")
    sandbox.limit(A_DAY)
    statuses = [get(action=action)[0].status for action in ("getNumber", "getBalance", "explode")]
    first, *others = sandbox.ledger()["requests"]
    assert (statuses, first["action"], first["is_served"]) == ([429] * 3, "getStatus", True)
    assert [(request["action"], request["is_served"]) for request in others] == [
        ("getNumber", False), ("getBalance", False), ("other", False),
    ]  # fmt: skip
    assert first["at"] < others[0]["at"] < others[1]["at"] < others[2]["at"]


def test_a_refused_request_was_received_and_had_no_effect(get, sandbox):
    get(action="getStatus", id="1")
    sandbox.limit(A_DAY)
    get(action="getNumber", server=1, country=187, service="sbcode")
    ledger = sandbox.ledger()
    assert ledger["calls"]["getNumber"] == {"received": 1, "acted": 0}
    assert (len(ledger["purchases"]), ledger["orders"]) == (1, [])


def test_the_ledger_may_leave_out_the_requests(ask, command):
    ask(action="getStatus", id="1")
    assert command("GET", "ledger?polls=no")[1]["requests"] == []


def test_the_limit_can_be_changed_while_it_runs(command, get):
    assert command("POST", "limit", {"requests_per_minute": A_DAY, "retry_after": False}) == (200, {"ok": True})
    answers = [get(action="getStatus", id="1")[0] for _ in range(2)]
    assert [(answer.status, answer.headers["Retry-After"]) for answer in answers] == [(200, None), (429, None)]
    command("POST", "limit", {"requests_per_minute": 0})
    assert get(action="getStatus", id="1")[0].status == 200


@pytest.mark.parametrize(
    "content",
    [{}, {"requests_per_minute": "x"}, {"requests_per_minute": -1}, {"requests_per_minute": 1, "retry_after": "2"}],
)
def test_a_limit_that_makes_no_sense_says_why(command, content):
    status, answer = command("POST", "limit", content)
    assert (status, list(answer)) == (400, ["error"])


def test_a_reset_keeps_the_limit_and_forgets_the_last_request(get, sandbox):
    get(action="getStatus", id="1")
    sandbox.limit(A_DAY)
    sandbox.reset()
    assert [get(action="getStatus", id="1")[0].status for _ in range(2)] == [200, 429]
    assert len(sandbox.ledger()["requests"]) == 2
