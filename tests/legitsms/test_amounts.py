"""Prices, the balance and the price cap: what is sent, and which answers count as an amount of money."""

from decimal import Decimal
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legitsms import (
    AccountBanned,
    BadKey,
    BadService,
    Client,
    LegitSMSError,
    NoNumbers,
    NotSent,
    Refused,
    ServerFault,
    Uncertain,
)
from legitsms.amounts import format_max_price, parse_balance, parse_price
from tests.legitsms import corpus
from tests.legitsms.conftest import KEY
from tests.legitsms.mutations import near
from tests.legitsms.test_client import sent
from tests.legitsms.upstream import reply

PRICES = {
    '{"status":"SUCCESS","price":0.45}': "0.45",
    ' {"price": 12, "status": "SUCCESS", "currency": "USD"}\r\n': "12",
    '\ufeff{"status":"SUCCESS","price":"0.45"}': "0.45",
    '{"status":"SUCCESS","price":0.0001}': "0.0001",
    '{"status":"SUCCESS","price":1.23456}': "1.2346",
    '{"status":"SUCCESS","price":4.5e-1}': "0.45",
    '{"status":"SUCCESS","price":999999}': "999999",
}
NO_PRICES = [
    *("", "0.45", "SUCCESS", "ACCESS_BALANCE:1", "STATUS_OK:0.45", "<html>0.45", "[]", "{}", "null", "NO_BALANCE"),
    *(
        '[{"status":"SUCCESS","price":0.45}]',
        '{"price":0.45}',
        '{"status":"SUCCESS"}',
        '{"Status":"SUCCESS","price":1}',
    ),
    *(f'{{"status":"{status}","price":0.45}}' for status in ("success", "ERROR", "error", "", "SUCCESS ")),
    *(f'{{"status":{status},"price":0.45}}' for status in ("true", "1", "null", '["SUCCESS"]')),
    *(
        f'{{"status":"SUCCESS","price":{price}}}'
        for price in (
            *(
                "0",
                "0.0",
                "-0",
                "-0.45",
                "0.00001",
                "1000000",
                "1e6",
                "1e999999999999999999",
                "NaN",
                "Infinity",
                "-Infinity",
            ),
            *(
                "true",
                "null",
                "[0.45]",
                '{"usd":0.45}',
                '""',
                '"x"',
                '"-1"',
                '"1e3"',
                '"0,45"',
                '" 0.45"',
                '"$0.45"',
                '"٣"',
            ),
            *("1" * 5000, "0." + "0" * 5000 + "1", "0.45,0.46"),
        )
    ),
    '{"status":"SUCCESS","price":0.45,"price":0.55}',
    '{"status":"ERROR","status":"SUCCESS","price":0.45}',
    '"{\\"status\\":\\"SUCCESS\\",\\"price\\":0.45}" x',
    '{"status":"SUCCESS","price":0.45',
]
BALANCES = {
    "ACCESS_BALANCE:17.154": "17.154",
    "ACCESS_BALANCE:0\n": "0",
    '"ACCESS_BALANCE:12"': "12",
    '{"status":"success","data":"ACCESS_BALANCE:1.50"}': "1.50",
    "ACCESS_BALANCE:999999999.999999999": "999999999.999999999",
}
NO_BALANCES = [
    *("", "17.154", "ACCESS_BALANCE", "ACCESS_BALANCE:", "ACCESS_BALANCE:x", "ACCESS_BALANCE:-1", "ACCESS_BALANCE:1,5"),
    *(
        "ACCESS_BALANCE:1e3",
        "ACCESS_BALANCE:1.",
        "ACCESS_BALANCE:.5",
        "ACCESS_BALANCE: 1",
        "ACCESS_BALANCE:1:2",
        "access_balance:1",
    ),
    *(
        "ACCESS_BALANCE:1<br>",
        "ACCESS_BALANCE:\u0661",
        "ACCESS_BALANCE:1111111111",
        "NO_BALANCE",
        "NO_NUMBERS",
        "STATUS_OK:1",
    ),
    *('{"balance":1}', '{"status":"error","message":"ACCESS_BALANCE:1"}', "ACCESS_NUMBER:1:15550199999"),
]
PARSERS = [parse_price, parse_balance]
ANY_CALL = {"BAD_KEY": BadKey, "BAD_ACTION": Refused, "ACCOUNT_BAN": AccountBanned, "ERROR_SQL": ServerFault}


@pytest.fixture
def client(upstream):
    return Client(upstream.url, KEY)


def say(upstream, body):
    upstream.behave = lambda line: line.say(reply(body.encode()))


def failure_of(parse, text):
    with pytest.raises(LegitSMSError) as caught:
        parse(text)
    return caught.value


# --- What is sent


def test_a_price_is_asked_for_by_server_service_and_country(client, upstream):
    say(upstream, '{"status":"SUCCESS","price":0.45}')
    assert client.get_price(service="wa", country="187", server=1) == Decimal("0.45")
    assert sent(upstream) == [
        ("api_key", KEY), ("action", "getPrices"), ("server", "1"), ("service", "wa"), ("country", "187"),
    ]  # fmt: skip


def test_a_price_of_no_server_is_not_asked_for(client, upstream):
    with pytest.raises(NotSent, match="input"):
        client.get_price(service="wa", country="187", server=4)
    assert upstream.connections == 0


def test_the_balance_is_asked_for(client, upstream):
    say(upstream, "ACCESS_BALANCE:17.154")
    assert client.get_balance() == Decimal("17.154")
    assert sent(upstream) == [("api_key", KEY), ("action", "getBalance")]


def test_a_purchase_sends_its_highest_price(client, upstream):
    say(upstream, "ACCESS_NUMBER:1:15550199999")
    client.get_number(service="wa", country="187", server=1, max_price=Decimal("4.5E-1"))
    assert sent(upstream)[1:] == [
        ("action", "getNumber"), ("service", "wa"), ("country", "187"), ("server", "1"), ("max_price", "0.45"),
    ]  # fmt: skip


def test_a_purchase_with_a_highest_price_that_is_none_is_not_sent(client, upstream):
    with pytest.raises(NotSent, match="input"):
        client.get_number(service="wa", country="187", server=1, max_price=Decimal(0))
    assert upstream.connections == 0


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("0.45", "0.45"),
        ("0.4500000", "0.45"),
        ("1E+2", "100"),
        ("100", "100"),
        ("1E-4", "0.0001"),
        ("0.123456", "0.1234"),
        ("0.00019", "0.0001"),
        ("999999.99999", "999999.9999"),
    ],
)
def test_a_highest_price_is_written_plainly_and_never_rounded_up(amount, written):
    assert format_max_price(Decimal(amount)) == written


@pytest.mark.parametrize(
    "amount", ["0", "-0", "-1", "0.00009", "1E-30", "1000000", "1E+999", "NaN", "sNaN", "Infinity"]
)
def test_what_is_no_price_is_not_sent(amount):
    with pytest.raises(NotSent, match="input"):
        format_max_price(Decimal(amount))


@settings(max_examples=300, derandomize=True, database=None)
@given(amount=st.decimals(min_value=Decimal("0.0001"), max_value=999999, allow_nan=False))
def test_a_highest_price_has_at_most_four_decimals_and_no_exponent(amount):
    written = format_max_price(amount)
    assert set(written) <= set("0123456789.")
    assert len(written.partition(".")[2]) <= 4
    assert 0 <= amount - Decimal(written) < Decimal("0.0001")


# --- What counts


@pytest.mark.parametrize(("text", "price"), PRICES.items())
def test_a_price_is_read(text, price):
    assert parse_price(text) == Decimal(price)


@pytest.mark.parametrize(("text", "balance"), BALANCES.items())
def test_a_balance_is_read(text, balance):
    assert parse_balance(text) == Decimal(balance)


@pytest.mark.parametrize(
    ("parse", "text"), [*product([parse_price], NO_PRICES), *product([parse_balance], NO_BALANCES)]
)
def test_anything_else_is_no_amount(parse, text):
    assert type(failure_of(parse, text)) is Uncertain


@pytest.mark.parametrize("parse", PARSERS)
@pytest.mark.parametrize(("word", "error"), ANY_CALL.items())
def test_a_word_that_any_call_may_be_answered_with_counts_here_too(parse, word, error):
    assert type(failure_of(parse, word)) is error
    assert type(failure_of(parse, f'{{"title":"{word}","details":""}}')) is error


@pytest.mark.parametrize(
    ("word", "error"), [("BAD_SERVICE", BadService), ("BAD_COUNTRY", Refused), ("NO_NUMBERS", NoNumbers)]
)
def test_a_word_about_the_offer_refuses_its_price(word, error):
    assert type(failure_of(parse_price, word)) is error


@pytest.mark.parametrize("parse", PARSERS)
def test_no_answer_to_another_call_is_an_amount(parse):
    amounts = [body for body in [*corpus.answers(), *corpus.no_lists()] if outcome(parse, body) is not None]
    assert amounts == ["ACCESS_BALANCE:17.154"] * (parse is parse_balance)


@pytest.mark.parametrize("parse", PARSERS)
def test_a_body_that_is_almost_right_is_an_amount_or_one_of_our_errors(parse):
    found = [outcome(parse, body) for body in near([*PRICES, *BALANCES, *NO_PRICES, *NO_BALANCES])]
    assert all(amount is None or (amount.is_finite() and 0 <= amount < 10**9) for amount in found)
    assert any(found)


def outcome(parse, body):
    try:
        return parse(body)
    except (Refused, Uncertain):
        return None
