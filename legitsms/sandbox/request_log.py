"""Counts and times of the API calls that reached the sandbox, for tests to compare with what they sent."""

import time
from array import array
from collections import Counter, defaultdict
from typing import Any

ACTIONS = ("getCountries", "getServices", "getNumber", "getStatus", "setStatus")
ABOUT_AN_ORDER = {("getStatus", None): "polls", ("setStatus", "8"): "cancels", ("setStatus", "6"): "finishes"}


class RequestLog:
    """Times are `time.monotonic()`, which is the same clock in all processes of a machine."""

    def __init__(self) -> None:
        self.received: Counter[str] = Counter()
        self.acted: Counter[str] = Counter()  # calls that took effect; a refusal counts
        self.hung_up = 0  # clients that disconnected before their answer was complete
        self.purchases: list[dict[str, Any]] = []  # every getNumber received
        self._about: defaultdict[tuple[str, str], array[float]] = defaultdict(lambda: array("d"))

    def note_arrival(self, query: dict[str, str], *, is_first_on_connection: bool) -> None:
        now = time.monotonic()
        action = query.get("action", "")
        self.received[action if action in ACTIONS else "other"] += 1
        about = ABOUT_AN_ORDER.get((action, query.get("status")))
        if about and "id" in query:
            self._about[query["id"], about].append(now)
        if action == "getNumber":
            offer = {name: query.get(name, "") for name in ("server", "service", "country")}
            self.purchases.append({"at": now, "is_first_on_connection": is_first_on_connection} | offer)

    def note_action(self, query: dict[str, str]) -> None:
        self.acted[query.get("action", "")] += 1

    def counts(self) -> dict[str, dict[str, int]]:
        return {name: {"received": self.received[name], "acted": self.acted[name]} for name in (*ACTIONS, "other")}

    def about(self, order_id: str) -> dict[str, list[float]]:
        """Return the times of the polls, cancels and finishes of an order."""
        return {name: list(self._about.get((order_id, name), ())) for name in ABOUT_AN_ORDER.values()}
