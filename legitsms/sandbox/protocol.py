"""The API at /api/handler/: maps the parameters of a call to the text of its answer."""

import json
import math
import re
from decimal import Decimal
from http import HTTPStatus
from typing import NamedTuple

from legitsms.sandbox import list_formats
from legitsms.sandbox.faults import Fault
from legitsms.sandbox.lists import COUNTRIES, SERVICES, Country, Service, price
from legitsms.sandbox.orders import Order
from legitsms.sandbox.provider import OutOfStock, Provider, WalletEmpty

Query = dict[str, str]

AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")
TOO_MANY_REQUESTS = (
    "<html><head><title>429 Too Many Requests</title></head><body><h1>Too Many Requests</h1></body></html>"
)


class Answer(NamedTuple):
    text: str
    fault: Fault | None = None  # applied to the answer by `server`
    status: int = 200
    headers: str = ""  # lines of the HTTP head, each with its line end


def answer(provider: Provider, query: Query) -> Answer:
    if provider.account.is_key_bad or (query.get("api_key") or "bad").startswith("bad"):
        return Answer("BAD_KEY")
    if query.get("action") == "getNumber":
        return get_number(provider, query)
    actions = ACTIONS | PRICE_ACTIONS if provider.has_prices else ACTIONS
    respond = actions.get(query.get("action", ""))
    return Answer(respond(provider, query) if respond else "BAD_ACTION")


def too_many_requests(wait: float | None) -> Answer:
    """Answer a call that the rate limit refuses. `wait`, in seconds, is sent as Retry-After; None: it is not sent."""
    headers = "" if wait is None else f"Retry-After: {math.ceil(wait)}\r\n"
    return Answer(TOO_MANY_REQUESTS, None, HTTPStatus.TOO_MANY_REQUESTS, headers)


def get_countries(_provider: Provider, query: Query) -> str:
    server = _server(query)
    return list_formats.countries(server) if server else "BAD_ACTION"


def get_services(provider: Provider, query: Query) -> str:
    server = _server(query)
    if server in list_formats.SERVICES_WITHOUT_COUNTRY:
        return list_formats.SERVICES_WITHOUT_COUNTRY[server]()
    country = COUNTRIES.get(server, {}).get(query.get("country", ""))
    if not country:
        return "BAD_COUNTRY"
    return list_formats.services_3(country, provider.in_use(server, country))


def get_number(provider: Provider, query: Query) -> Answer:
    offer = _offer(query)
    if isinstance(offer, str):
        return Answer(offer)
    server, country, service = offer
    if provider.has_prices and (refusal := _above_max_price(query, price(server, country, service))):
        return Answer(refusal)
    fault = service.scenario.fault if service.scenario else None
    if fault and not fault.takes_effect:
        return Answer("", fault)
    try:
        order = provider.buy(server, country, service)
    except OutOfStock:
        return Answer("NO_NUMBERS")
    except WalletEmpty:
        return Answer("NO_BALANCE")
    return Answer(f"ACCESS_NUMBER:{order.id}:{order.phone}", fault)


def _above_max_price(query: Query, cost: Decimal) -> str:
    """Return the refusal of a call whose max_price is below `cost`, or not an amount; else ""."""
    text = query.get("max_price", str(cost))
    is_enough = AMOUNT.fullmatch(text) and Decimal(text) >= cost
    return "" if is_enough else f"WRONG_MAX_PRICE:{cost}"


def get_prices(_provider: Provider, query: Query) -> str:
    offer = _offer(query)
    return offer if isinstance(offer, str) else json.dumps({"status": "SUCCESS", "price": float(price(*offer))})


def get_balance(provider: Provider, _query: Query) -> str:
    return f"ACCESS_BALANCE:{provider.account.wallet:.3f}"


def get_status(provider: Provider, query: Query) -> str:
    order = _order(provider, query)
    return order.answer(provider.now()) if order else "NO_ACTIVATION"


def set_status(provider: Provider, query: Query) -> str:
    order = _order(provider, query)
    if not order:
        return "NO_ACTIVATION"
    close = {"8": provider.cancel, "6": provider.finish}.get(query.get("status", ""))
    return close(order) if close else "BAD_STATUS"


def _server(query: Query) -> int:
    """Return 1, 2 or 3, or 0 for anything else."""
    return {"1": 1, "2": 2, "3": 3}.get(query.get("server", ""), 0)


def _offer(query: Query) -> tuple[int, Country, Service] | str:
    """Return the server, country and service that a call names; an error word if that server does not list them."""
    server = _server(query)
    country = COUNTRIES.get(server, {}).get(query.get("country", ""))
    service = SERVICES.get(server, {}).get(query.get("service", ""))
    if not service:
        return "BAD_SERVICE" if server else "BAD_ACTION"
    return (server, country, service) if country else "BAD_COUNTRY"


def _order(provider: Provider, query: Query) -> Order | None:
    """Return the order named by `id`, brought up to date; None if there is none."""
    order = provider.orders.get(query.get("id", ""))
    if order:
        provider.catch_up(order)
    return order


ACTIONS = {
    "getCountries": get_countries,
    "getServices": get_services,
    "getStatus": get_status,
    "setStatus": set_status,
}
PRICE_ACTIONS = {"getPrices": get_prices, "getBalance": get_balance}  # not in the document, as max_price of getNumber
