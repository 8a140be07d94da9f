"""Counts and times of the API calls that reached the sandbox, for tests to compare with what they sent."""

from array import array
from collections import Counter, defaultdict
from typing import Any

ACTIONS = ("getCountries", "getServices", "getPrices", "getBalance", "getNumber", "getStatus", "setStatus")
NAMES = (*ACTIONS, "other")
ABOUT_AN_ORDER = {("getStatus", None): "polls", ("setStatus", "8"): "cancels", ("setStatus", "6"): "finishes"}


class RequestLog:
    """Times are `time.monotonic()`, which is the same clock in all processes of a machine."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.acted: Counter[str] = Counter()  # calls that took effect; a refusal counts
        self.hung_up = 0  # clients that disconnected before their answer was complete
        self.purchases: list[dict[str, Any]] = []  # every getNumber received
        self._times = array("d")  # of every request; with the next two, one row each, at 10 bytes a request
        self._names = bytearray()  # indexes of NAMES
        self._is_served = bytearray()
        self._about: defaultdict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))

    def note_arrival(self, query: dict[str, str], now: float, *, is_served: bool, is_first_on_connection: bool) -> None:
        """Record a call. One that the rate limit refuses (`is_served` false) counts as received too."""
        action = query.get("action", "")
        name = action if action in ACTIONS else "other"
        self.received[name] += 1
        self._times.append(now)
        self._names.append(NAMES.index(name))
        self._is_served.append(is_served)
        about = ABOUT_AN_ORDER.get((action, query.get("status")))
        if about and "id" in query:
            self._about[query["id"], about].append(now)
        if action == "getNumber":
            offer = {name: query.get(name, "") for name in ("server", "service", "country")}
            self.purchases.append({"at": now, "is_first_on_connection": is_first_on_connection} | offer)

    def note_action(self, query: dict[str, str]) -> None:
        self.acted[query.get("action", "")] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        return {name: {"received": self.received[name], "acted": self.acted[name]} for name in NAMES}

    def requests(self) -> list[dict[str, Any]]:
        """Return every API call that arrived, oldest first: its time, its action, whether the limit admitted it."""
        rows = zip(self._times, self._names, self._is_served, strict=True)
        return [{"at": at, "action": NAMES[name], "is_served": bool(is_served)} for at, name, is_served in rows]

    def about(self, order_id: str) -> dict[str, list[float]]:
        """Return the times of the polls, cancels and finishes of an order."""
        return {name: list(self._about.get((order_id, name), ())) for name in ABOUT_AN_ORDER.values()}
