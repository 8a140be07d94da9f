import http.client
import re

import pytest


@pytest.fixture
def later(ask, buy, sandbox):
    """Buy, let time pass, and return what getStatus says then."""

    def later(scenario, seconds):
        order = buy(scenario)
        sandbox.advance(seconds)
        return ask(action="getStatus", id=order)

    return later


@pytest.mark.parametrize(
    ("scenario", "word"), [("stock", "NO_NUMBERS"), ("wallet", "NO_BALANCE"), ("sql", "ERROR_SQL")]
)
def test_a_refusing_service_refuses_and_sells_nothing(ask, sandbox, scenario, word):
    assert ask(action="getNumber", server=1, country=187, service=f"sb{scenario}") == word
    assert sandbox.ledger()["orders"] == []


@pytest.mark.parametrize(("scenario", "bought"), [("lost", 1), ("drop", 0)])
def test_a_lost_connection_comes_after_or_before_the_purchase(ask, sandbox, scenario, bought):
    with pytest.raises(http.client.RemoteDisconnected):
        ask(action="getNumber", server=1, country=187, service=f"sb{scenario}")
    assert len(sandbox.ledger()["orders"]) == bought


@pytest.mark.parametrize(
    ("scenario", "seconds", "answer"),
    [
        ("never", 1199, "STATUS_WAIT_CODE"),
        ("early", 61, "STATUS_CANCEL"),
        ("nonsense", 5, "STATUS_PERHAPS:maybe tomorrow"),
        ("nonsense", 16, "STATUS_WAIT_CODE"),
        ("nonsense", 21, "STATUS_OK:{code}"),
        ("whole", 11, "STATUS_OK:Activation code: {code}"),
        ("hostile", 11, 'STATUS_OK:<b>{code}</b><script>alert("x")</script> 🔥 \u202e{code}\u202c : &amp;'),
    ],
)
def test_a_scripted_service_does_what_its_name_says(later, scenario, seconds, answer):
    assert re.sub(r"\d{6}", "{code}", later(scenario, seconds)) == answer


def test_two_codes_come_one_after_the_other(ask, buy, sandbox):
    order = buy("two")
    sandbox.advance(11)
    first = ask(action="getStatus", id=order)
    sandbox.advance(30)
    assert ask(action="getStatus", id=order) != first
    assert len(sandbox.ledger()["orders"][0]["handed_out"]) == 2


def test_a_code_that_comes_just_when_cancelling_stops_the_cancelling(ask, buy, sandbox):
    order = buy("cancel")
    sandbox.advance(121)
    assert ask(action="getStatus", id=order) == "STATUS_WAIT_CODE"
    assert ask(action="setStatus", id=order, status=8).startswith("STATUS_OK:")
    assert ask(action="getStatus", id=order).startswith("STATUS_OK:")


def test_the_slow_service_answers_after_six_seconds(connection, sandbox):
    connection.timeout = 0.2
    connection.request("GET", "/api/handler/?api_key=k&action=getNumber&server=1&country=187&service=sbslow")
    with pytest.raises(TimeoutError):
        connection.getresponse()
    assert len(sandbox.ledger()["orders"]) == 1
