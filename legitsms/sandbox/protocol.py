"""The API at /api/handler/: maps the parameters of a call to the text of its answer."""

from typing import NamedTuple

from legitsms.sandbox import list_formats
from legitsms.sandbox.faults import Fault
from legitsms.sandbox.lists import COUNTRIES, SERVICES
from legitsms.sandbox.orders import Order
from legitsms.sandbox.provider import OutOfStock, Provider, WalletEmpty

Query = dict[str, str]


class Answer(NamedTuple):
    text: str
    fault: Fault | None = None  # applied to the answer by `server`


def answer(provider: Provider, query: Query) -> Answer:
    if provider.account.is_key_bad or (query.get("api_key") or "bad").startswith("bad"):
        return Answer("BAD_KEY")
    if query.get("action") == "getNumber":
        return get_number(provider, query)
    respond = {
        "getCountries": get_countries,
        "getServices": get_services,
        "getStatus": get_status,
        "setStatus": set_status,
    }.get(query.get("action", ""))
    return Answer(respond(provider, query) if respond else "BAD_ACTION")


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
    server = _server(query)
    country = COUNTRIES.get(server, {}).get(query.get("country", ""))
    service = SERVICES.get(server, {}).get(query.get("service", ""))
    if not service:
        return Answer("BAD_SERVICE" if server else "BAD_ACTION")
    if not country:
        return Answer("BAD_COUNTRY")
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


def _order(provider: Provider, query: Query) -> Order | None:
    """Return the order named by `id`, brought up to date; None if there is none."""
    order = provider.orders.get(query.get("id", ""))
    if order:
        provider.catch_up(order)
    return order
