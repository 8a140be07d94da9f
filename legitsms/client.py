"""LegitSMS's API as calls with typed answers. `legitsms/README.md` says how its document is understood."""

from __future__ import annotations

from legitsms.endpoint import Endpoint
from legitsms.exceptions import NotSent
from legitsms.lists import Country, Rows, Service, parse_countries, parse_services
from legitsms.replies import Closing, Code, Number, Status, parse_closing, parse_number, parse_status
from legitsms.transport import LIST_CAP, TEXT_CAP, call

SERVERS = (1, 2, 3)
COUNTRY_REQUIRED = 3  # the server whose services are listed by country
BUY_SECONDS = 20.0  # giving up early on a purchase leaves it in doubt
SECONDS = 8.0
LIST_SECONDS = 20.0

CANCEL = "8"
FINISH = "6"


class Client:
    """The API at `url`, with `api_key`. Holds no connection and no state: make as many as you like, in any thread.

    Every method raises `NotSent`, `Refused` or `Uncertain`; the lists also `Garbled`.
    """

    def __init__(self, url: str, api_key: str) -> None:
        """Raise `ValueError` if the key must not be sent to `url`."""
        self._endpoint = Endpoint(url, api_key)

    def __repr__(self) -> str:
        return f"Client({self._endpoint.url!r}, api_key=•••)"

    def get_countries(self, server: int) -> Rows[Country]:
        """List the countries of `server`."""
        return parse_countries(server, self._list("getCountries", server))

    def get_services(self, server: int, country: str | None = None) -> Rows[Service]:
        """List the services of `server`; server 3 has one list for each country."""
        if server == COUNTRY_REQUIRED and country is None:
            raise NotSent("input")
        where = {} if country is None else {"country": country}
        return parse_services(server, self._list("getServices", server, **where))

    def get_number(self, *, service: str, country: str, server: int) -> Number:
        """Buy one number. Spends money.

        `service` and `country` are the codes that `server` itself lists.
        Raises `Refused` when nothing was bought, `Uncertain` when one may have been.
        Source: the API's document, section 3.
        """
        params = {"action": "getNumber", "service": service, "country": country, "server": _server(server)}
        return parse_number(call(self._endpoint, params, seconds=BUY_SECONDS, fresh=True))

    def get_status(self, activation_id: str) -> Status:
        """Ask whether a code has arrived. Changes nothing, so it may be asked again. Section 4."""
        return parse_status(self._ask(action="getStatus", id=activation_id))

    def cancel(self, activation_id: str) -> Closing | Code:
        """Cancel the order. Only `Closing.CANCELLED` proves the refund; a code that came first is returned instead.

        Raises `TooEarly` in the first two minutes. May be repeated. Section 5.
        """
        return parse_closing(self._ask(action="setStatus", id=activation_id, status=CANCEL))

    def finish(self, activation_id: str) -> Closing | Code:
        """Mark the order as done. May be repeated. Section 5."""
        return parse_closing(self._ask(action="setStatus", id=activation_id, status=FINISH))

    def _ask(self, **params: str) -> str:
        return call(self._endpoint, params, seconds=SECONDS, cap=TEXT_CAP)

    def _list(self, action: str, server: int, **where: str) -> str:
        params = {"action": action, "server": _server(server), **where}
        return call(self._endpoint, params, seconds=LIST_SECONDS, cap=LIST_CAP)


def _server(server: int) -> str:
    if server not in SERVERS:
        raise NotSent("input")
    return str(server)
