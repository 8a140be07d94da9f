import re

import pytest


@pytest.mark.parametrize(("server", "country", "service"), [(1, "187", "wa"), (2, "1", "1012"), (3, "usa", "whatsapp")])
def test_each_server_sells_by_its_own_codes(ask, server, country, service):
    answer = ask(action="getNumber", server=server, country=country, service=service)
    assert re.fullmatch(r"ACCESS_NUMBER:\d{8,12}:1\d{3}555\d{4}", answer)


def test_the_path_may_lack_its_last_slash(connection):
    connection.request("GET", "/api/handler?api_key=any&action=getStatus&id=1")
    assert connection.getresponse().read() == b"NO_ACTIVATION"


@pytest.mark.parametrize("key", ["bad", "badger", ""])
def test_a_key_that_is_missing_or_starts_with_bad_is_refused(ask, key):
    answer = ask(api_key=key, action="getCountries", server=1)
    assert answer == "BAD_KEY"


@pytest.mark.parametrize(
    ("wish", "word"),
    [
        ({"service": "whatsapp"}, "BAD_SERVICE"),
        ({"country": "usa"}, "BAD_COUNTRY"),
        ({"server": "9"}, "BAD_ACTION"),
    ],
)
def test_what_a_server_does_not_list_cannot_be_bought(ask, sandbox, wish, word):
    assert ask(**{"action": "getNumber", "server": "1", "country": "187", "service": "wa"} | wish) == word
    assert sandbox.ledger()["orders"] == []


def test_an_action_that_is_not_documented_is_refused(ask):
    assert ask(action="getBalance") == "BAD_ACTION"


def test_an_unknown_order_has_no_activation(ask):
    assert ask(action="setStatus", id="1", status=8) == "NO_ACTIVATION"


def test_a_status_other_than_6_and_8_is_refused(ask, buy):
    assert ask(action="setStatus", id=buy("never"), status=3) == "BAD_STATUS"


def test_a_purchase_is_paid_from_the_wallet(buy, sandbox):
    buy("never")
    assert sandbox.ledger()["wallet"] == "99.80"


def test_an_empty_wallet_buys_nothing(ask, sandbox):
    sandbox.wallet("0.19")
    assert ask(action="getNumber", server=1, country=187, service="sbnever") == "NO_BALANCE"


def test_open_orders_never_share_a_number(buy, sandbox):
    ids = [buy("never") for _ in range(200)]
    assert len({order["phone"] for order in sandbox.ledger()["orders"]}) == len(set(ids)) == 200


def test_an_order_waits_and_then_has_its_code_for_as_long_as_it_lives(ask, buy, sandbox):
    order = buy("code")
    assert ask(action="getStatus", id=order) == "STATUS_WAIT_CODE"
    sandbox.advance(11)
    answers = {ask(action="getStatus", id=order) for _ in range(3)}
    assert answers == {f"STATUS_OK:{sandbox.ledger()['orders'][0]['codes'][0]}"}


def test_ordinary_services_mostly_deliver_within_25_seconds(ask, sandbox):
    bought = [ask(action="getNumber", server=1, country=0, service="tg") for _ in range(60)]
    sandbox.advance(25)
    delivered = [order for order in sandbox.ledger()["orders"] if order["status"] == "received"]
    assert len(bought) * 0.8 < len(delivered) < len(bought)


def test_cancelling_within_two_minutes_is_refused(ask, buy, sandbox):
    order = buy("never")
    sandbox.advance(118)
    assert ask(action="setStatus", id=order, status=8) == "ERROR_WAIT_2_MINUTES"


def test_cancelling_after_two_minutes_refunds_once(ask, buy, sandbox):
    order = buy("never")
    sandbox.advance(121)
    answers = [ask(action="setStatus", id=order, status=8) for _ in range(2)]
    assert answers == ["ACCESS_CANCEL", "ALREADY_CANCELED"]
    assert (sandbox.ledger()["wallet"], ask(action="getStatus", id=order)) == ("100.00", "STATUS_CANCEL")


def test_an_order_with_a_code_is_not_cancelled(ask, buy, sandbox):
    order = buy("code")
    sandbox.advance(121)
    assert ask(action="setStatus", id=order, status=8).startswith("STATUS_OK:")
    assert sandbox.ledger()["wallet"] == "99.80"


def test_a_finished_order_still_shows_its_code(ask, buy, sandbox):
    order = buy("code")
    sandbox.advance(11)
    assert ask(action="setStatus", id=order, status=6) == "ACCESS_ACTIVATION"
    assert ask(action="setStatus", id=order, status=6) == "ALREADY_FINISH"
    assert ask(action="getStatus", id=order).startswith("STATUS_OK:")


@pytest.mark.parametrize("scenario", ["never", "code"])
def test_an_order_expires_after_20_minutes_without_a_refund(ask, buy, sandbox, scenario):
    order = buy(scenario)
    sandbox.advance(20 * 60)
    assert ask(action="getStatus", id=order) == "STATUS_CANCEL"
    assert (sandbox.ledger()["wallet"], sandbox.ledger()["orders"][0]["status"]) == ("99.80", "expired")
