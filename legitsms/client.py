"""The calls of the LegitSMS API, one method each. `legitsms/README.md` says how the API's document is interpreted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from legitsms.amounts import format_max_price, parse_balance, parse_price
from legitsms.endpoint import Endpoint
from legitsms.exceptions import NotSent
from legitsms.lists import Country, Rows, Service, parse_countries, parse_services
from legitsms.replies import Closing, Code, Number, Status, parse_closing, parse_number, parse_status
from legitsms.transport import LIST_CAP, TEXT_CAP, call

if TYPE_CHECKING:
    from decimal import Decimal

SERVERS = (1, 2, 3)
COUNTRY_REQUIRED = 3  # the server whose services are listed by country
BUY_SECONDS = 20.0  # a purchase that times out may still have been made, so it gets the longest time
SECONDS = 8.0
LIST_SECONDS = 20.0

CANCEL = "8"
FINISH = "6"


class Client:
    """The API at `url`, called with `api_key`. Stateless and thread-safe; connections are shared by the whole process.

    Every method blocks, for at most 20 s, and is sent at most once: nothing is retried.
    Every method raises `NotSent`, `Refused` or `Uncertain`; the methods for lists also raise `Garbled`.
    """

    def __init__(self, url: str, api_key: str) -> None:
        """Raise `ValueError` if the key must not be sent to `url`, or cannot be a key. Makes no call."""
        self._endpoint = Endpoint(url, api_key)

    def __repr__(self) -> str:
        return f"Client({self._endpoint.url!r}, api_key=•••)"

    def get_countries(self, server: int) -> Rows[Country]:
        """Return the countries of `server`. Source: the API's document, section 2."""
        return parse_countries(server, self._get_list("getCountries", server))

    def get_services(self, server: int, country: str | None = None) -> Rows[Service]:
        """Return the services of `server`. Server 3 requires `country`, and has one list for each. Section 2."""
        if server == COUNTRY_REQUIRED and country is None:
            raise NotSent("input")
        params = {} if country is None else {"country": country}
        return parse_services(server, self._get_list("getServices", server, **params))

    def get_number(self, *, service: str, country: str, server: int, max_price: Decimal | None = None) -> Number:
        """Buy one number. Spends money.

        `service` and `country` are the codes that `server` itself lists. `max_price`, in dollars, is not in the API's
        document: a server may ignore it.
        Raises `Refused` when nothing was bought, `Uncertain` when one may have been.
        Source: the API's document, section 3.
        """
        params = {"action": "getNumber", "service": service, "country": country, "server": _server(server)}
        if max_price is not None:
            params["max_price"] = format_max_price(max_price)
        return parse_number(call(self._endpoint, params, seconds=BUY_SECONDS, fresh=True))

    def get_price(self, *, service: str, country: str, server: int) -> Decimal:
        """Return the present price of one number in dollars. Buys nothing.

        Not in the API's document: a server may refuse it as BAD_ACTION, or answer anything.
        """
        return parse_price(self._call(action="getPrices", server=_server(server), service=service, country=country))

    def get_balance(self) -> Decimal:
        """Return the money in the wallet in dollars. Not in the API's document, as `get_price`."""
        return parse_balance(self._call(action="getBalance"))

    def get_status(self, activation_id: str) -> Status:
        """Return whether a code has arrived. Changes nothing upstream, so it may be repeated. Section 4."""
        return parse_status(self._call(action="getStatus", id=activation_id))

    def cancel(self, activation_id: str) -> Closing | Code:
        """Cancel the order. Only `Closing.CANCELLED` proves the refund; if a code arrived first, that code is returned.

        Raises `TooEarly` in the first two minutes after the purchase. May be repeated. Section 5.
        """
        return parse_closing(self._call(action="setStatus", id=activation_id, status=CANCEL))

    def finish(self, activation_id: str) -> Closing | Code:
        """Mark the order as done. May be repeated. Section 5."""
        return parse_closing(self._call(action="setStatus", id=activation_id, status=FINISH))

    def _call(self, **params: str) -> str:
        return call(self._endpoint, params, seconds=SECONDS, cap=TEXT_CAP)

    def _get_list(self, action: str, server: int, **params: str) -> str:
        query = {"action": action, "server": _server(server), **params}
        return call(self._endpoint, query, seconds=LIST_SECONDS, cap=LIST_CAP)


def _server(server: int) -> str:
    if server not in SERVERS:
        raise NotSent("input")
    return str(server)
