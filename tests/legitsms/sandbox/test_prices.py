"""getPrices, getBalance and max_price, which the sandbox supports only if it is told to."""

from decimal import Decimal

import pytest

from legitsms import BadService, Client, Refused
from legitsms.sandbox import Sandbox

OFFER = {"service": "whatsapp", "country": "usa", "server": 3}


@pytest.fixture
def priced():
    with Sandbox(prices=True) as sandbox:
        yield sandbox


@pytest.fixture
def client(priced):
    return Client(priced.url, "any key")


def test_the_price_is_the_one_that_server_3_lists_and_takes(priced, client):
    (listed,) = (row.price for row in client.get_services(3, "usa").rows if row.code == "whatsapp")
    client.get_number(**OFFER)
    assert client.get_price(**OFFER) == listed == Decimal(priced.ledger()["orders"][0]["price"])


@pytest.mark.parametrize(("offer", "error"), [({"service": "x"}, BadService), ({"country": "x"}, Refused)])
def test_what_is_not_sold_has_no_price(client, offer, error):
    with pytest.raises(error):
        client.get_price(**OFFER | offer)


def test_the_balance_falls_with_each_purchase(client):
    before = client.get_balance()
    client.get_number(service="sbcode", country="187", server=1)
    assert (before, client.get_balance()) == (Decimal(100), Decimal("99.8"))


def test_a_number_is_not_sold_above_the_highest_price(priced, client):
    price = client.get_price(**OFFER)
    with pytest.raises(Refused) as caught:
        client.get_number(**OFFER, max_price=price - Decimal("0.01"))
    assert caught.value.word == "WRONG_MAX_PRICE"
    assert Decimal(caught.value.excerpt.removeprefix("WRONG_MAX_PRICE:")) == price
    assert client.get_number(**OFFER, max_price=price)
    assert len(priced.ledger()["orders"]) == 1


@pytest.mark.parametrize("text", ["", "x", "-1", "NaN", "1e9"])
def test_a_highest_price_that_is_none_buys_nothing(priced, text):
    query = {"api_key": "k", "action": "getNumber", "max_price": text} | {
        name: str(code) for name, code in OFFER.items()
    }
    assert priced.respond(query, is_first_on_connection=True).text.startswith("WRONG_MAX_PRICE:")


@pytest.mark.parametrize("action", ["getPrices", "getBalance"])
def test_nothing_of_it_is_supported_by_default(ask, action):
    assert ask(action=action, server=1, country=187, service="wa") == "BAD_ACTION"


def test_the_highest_price_is_ignored_by_default(ask):
    answer = ask(action="getNumber", server=1, country=187, service="wa", max_price="0.0001")
    assert answer.startswith("ACCESS_NUMBER:")


def test_a_reset_keeps_the_prices(priced, client):
    priced.reset()
    assert client.get_balance() == Decimal(100)
