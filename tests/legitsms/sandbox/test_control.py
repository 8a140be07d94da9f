import time

import pytest

from legitsms.sandbox.scenarios import SCENARIOS
from legitsms.sandbox.server import CALLS


def test_the_ledger_tells_each_order(buy, command, sandbox):
    order = buy("never")
    status, ledger = command("GET", "ledger")
    entry = ledger["orders"][0]
    assert status == 200
    assert [entry[name] for name in ("id", "server", "service", "country", "price", "status", "is_refunded")] == [
        order, 1, "sbnever", "187", "0.20", "waiting", False,
    ]  # fmt: skip


def test_the_ledger_tells_what_was_asked_and_what_took_effect(ask, buy, sandbox):
    buy("never")
    sandbox.fault("getNumber", "empty")
    ask(action="getNumber", server=1, country=187, service="wa")
    assert sandbox.ledger()["calls"]["getNumber"] == {"received": 2, "acted": 1}


def test_the_ledger_tells_when_an_order_was_polled(ask, buy, sandbox):
    order, before = buy("never"), time.monotonic()
    for _ in range(3):
        ask(action="getStatus", id=order)
    first, second, third = sandbox.ledger()["orders"][0]["polls"]
    assert before < first < second < third < time.monotonic()


def test_the_ledger_tells_cancels_and_finishes_apart(ask, buy, sandbox):
    order = buy("never")
    for status in (8, 8, 6):
        ask(action="setStatus", id=order, status=status)
    entry = sandbox.ledger()["orders"][0]
    assert (len(entry["cancels"]), len(entry["finishes"])) == (2, 1)


def test_the_ledger_tells_whether_a_purchase_came_on_a_fresh_connection(buy, sandbox):
    buy("never")
    buy("never")
    assert [wish["is_first_on_connection"] for wish in sandbox.ledger()["purchases"]] == [True, False]


def test_the_ledger_may_leave_out_the_polls(buy, command):
    buy("never")
    assert "polls" not in command("GET", "ledger?polls=no")[1]["orders"][0]


def test_a_fault_can_be_ordered_over_http(ask, command):
    answer = command("POST", "fault", {"action": "getStatus", "fault": "refuse", "word": "ERROR_SQL", "times": None})
    assert answer == (200, {"ok": True})
    assert [ask(action="getStatus", id="1") for _ in range(2)] == ["ERROR_SQL"] * 2


def test_faults_can_be_cleared_over_http(ask, command, sandbox):
    sandbox.fault("*", "empty", times=None)
    command("POST", "clear")
    assert ask(action="getStatus", id="1") == "NO_ACTIVATION"


def test_a_message_can_be_made_to_arrive(ask, buy, command):
    order = buy("never")
    command("POST", "deliver", {"id": order, "text": "Ünïcode: 12-34"})
    assert ask(action="getStatus", id=order) == "STATUS_OK:Ünïcode: 12-34"


def test_a_message_can_arrive_after_all_was_over(ask, buy, sandbox):
    order = buy("never")
    sandbox.expire(order)
    sandbox.deliver(order)
    assert ask(action="getStatus", id=order).startswith("STATUS_OK:")


def test_an_order_can_be_ended(ask, buy, command):
    order = buy("never")
    command("POST", "expire", {"id": order})
    assert ask(action="getStatus", id=order) == "STATUS_CANCEL"


def test_time_can_be_let_pass(ask, buy, command):
    order = buy("never")
    command("POST", "advance", {"seconds": 121})
    assert ask(action="setStatus", id=order, status=8) == "ACCESS_CANCEL"


def test_the_wallet_can_be_filled(command, sandbox):
    command("POST", "wallet", {"balance": "12.50"})
    assert sandbox.ledger()["wallet"] == "12.50"


def test_every_key_can_be_refused_for_a_while(ask, command):
    command("POST", "key", {"bad": True})
    refused = ask(action="getStatus", id="1")
    command("POST", "key", {"bad": False})
    assert (refused, ask(action="getStatus", id="1")) == ("BAD_KEY", "NO_ACTIVATION")


def test_a_reset_begins_anew_but_gives_no_id_twice(buy, command, sandbox):
    before = buy("never")
    command("POST", "reset")
    assert (sandbox.ledger()["orders"], sandbox.ledger()["wallet"]) == ([], "100.00")
    assert int(buy("never")) > int(before)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("fault", {"fault": "empty"}),
        ("fault", {"action": "*", "fault": "explode"}),
        ("fault", {"action": "*", "fault": "empty", "colour": "red"}),
        ("deliver", {"id": "1"}),
        ("wallet", {"balance": "much"}),
        ("wallet", {"balance": "-1"}),
        ("wallet", ["12"]),
        ("key", {}),
    ],
)
def test_a_call_that_makes_no_sense_says_why(command, name, content):
    status, answer = command("POST", name, content)
    assert (status, list(answer)) == (400, ["error"])


def test_an_unknown_call_names_the_known_ones(command):
    status, answer = command("POST", "explode")
    assert (status, "ledger" in answer["error"]) == (404, True)


def test_a_call_with_the_wrong_method_is_refused(command):
    assert command("GET", "reset")[0] == 405


def test_a_web_page_cannot_reach_the_controls(command, sandbox):
    sandbox.wallet("1.00")
    assert command("POST", "reset", {}, {"Origin": "https://stranger.example"})[0] == 403
    assert sandbox.ledger()["wallet"] == "1.00"


@pytest.mark.parametrize("name", [*CALLS, *(scenario.name for scenario in SCENARIOS)])
def test_each_call_and_each_scripted_service_is_in_the_readme(readme, name):
    assert name in readme
