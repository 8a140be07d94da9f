"""The sandbox's control calls, and the lock that makes them and the API thread-safe.

`server` exposes these methods under /sandbox/; `Sandbox` inherits them for use in tests.
"""

import threading
import time
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from legitsms.sandbox import protocol
from legitsms.sandbox.faults import Fault, Faults
from legitsms.sandbox.orders import Order
from legitsms.sandbox.provider import Provider
from legitsms.sandbox.rate_limit import RateLimit
from legitsms.sandbox.request_log import RequestLog
from legitsms.sandbox.storage import Storage


class Control:
    def __init__(
        self,
        speed: float = 1,
        state: Path | None = None,
        seed: str = "sandbox",
        *,
        prices: bool = False,
        **limit: Any,
    ) -> None:
        """`limit` are the keyword arguments of `RateLimit`: `requests_per_minute` and `retry_after`."""
        self._lock = threading.RLock()
        self._provider = Provider(speed, seed, has_prices=prices)
        self._limit = RateLimit(**limit)
        self._faults = Faults()
        self._requests = RequestLog()
        self._storage = Storage(state) if state else None
        if self._storage:
            self._storage.load(self._provider)

    def respond(self, query: dict[str, str], *, is_first_on_connection: bool) -> protocol.Answer:
        """Answer one API call; the `Answer` names the fault that `server` applies to it."""
        with self._lock:
            now = time.monotonic()
            wait = self._limit.admit(now)
            self._requests.note_arrival(
                query, now, is_served=wait is None, is_first_on_connection=is_first_on_connection
            )
            if wait is not None:
                return protocol.too_many_requests(wait if self._limit.retry_after else None)
            fault = self._faults.take(query)
            if fault and not fault.takes_effect:
                return protocol.Answer("", fault)
            answer = protocol.answer(self._provider, query)
            fault = fault or answer.fault
            if not fault or fault.takes_effect:
                self._requests.note_action(query)
            if not fault or fault.delivers:
                self._note_code(query, answer.text)
            self._save()
            return protocol.Answer(answer.text, fault)

    def _note_code(self, query: dict[str, str], text: str) -> None:
        if text.startswith("STATUS_OK:"):
            order = self._provider.orders[query["id"]]
            code = text.removeprefix("STATUS_OK:")
            if code not in order.handed_out:
                order.handed_out.append(code)
                self._provider.unsaved.append(order)

    def note_hang_up(self) -> None:
        """Count a client that disconnected before its answer was complete."""
        with self._lock:
            self._requests.hung_up += 1

    def ledger(self, *, polls: bool = True) -> dict[str, Any]:
        """Return orders, wallet and counts of calls. `polls=False` leaves out the times of calls, to keep it small."""
        with self._lock:
            for order in self._provider.orders.values():
                self._provider.catch_up(order)
            self._save()
            return {
                "wallet": str(self._provider.account.wallet),
                "speed": self._provider.speed,
                "now": self._provider.now(),
                "monotonic": time.monotonic(),
                "is_key_bad": self._provider.account.is_key_bad,
                "calls": self._requests.counts(),
                "purchases": list(self._requests.purchases),
                "hung_up": self._requests.hung_up,
                "rate_limit": self._limit.summary(),
                "requests": self._requests.requests() if polls else [],
                "faults": self._faults.pending(),
                "orders": [self._entry(order, polls=polls) for order in self._provider.orders.values()],
            }

    def _entry(self, order: Order, *, polls: bool) -> dict[str, Any]:
        return order.to_row() | (self._requests.about(order.id) if polls else {})

    def limit(self, requests_per_minute: float, *, retry_after: bool = True) -> None:
        """Serve at most `requests_per_minute` (0: no limit), from the next call on; refuse the others with HTTP 429."""
        with self._lock:
            self._limit.change(requests_per_minute, retry_after=retry_after)

    def fault(self, action: str, fault: str, **details: Any) -> None:
        """Make the next calls of `action` ("*": any) fail. faults.py lists the faults and their details."""
        with self._lock:
            self._faults.add(Fault(fault, action, **details))

    def clear(self) -> None:
        """Remove the pending faults."""
        with self._lock:
            self._faults.clear()

    def deliver(self, id: str, text: str | None = None) -> None:  # noqa: A002 the name in the JSON
        """Deliver an SMS now; without `text`, a random code."""
        with self._lock:
            self._provider.deliver(self._order(id), None if text is None else str(text))
            self._save()

    def expire(self, id: str) -> None:  # noqa: A002
        """End an order now, without a refund."""
        with self._lock:
            self._provider.expire(self._order(id))
            self._save()

    def advance(self, seconds: float) -> None:
        """Advance the sandbox's clock by `seconds` of simulated time (at speed 60, 120 are two real seconds)."""
        with self._lock:
            self._provider.account.skipped += seconds / self._provider.speed
            self._save()

    def wallet(self, balance: str) -> None:
        """Set the wallet to an amount in dollars."""
        try:
            amount = Decimal(balance)
        except InvalidOperation:
            amount = Decimal(-1)
        if not amount.is_finite() or amount < 0:
            raise ValueError("balance is an amount such as 12.00")
        with self._lock:
            self._provider.account.wallet = amount
            self._save()

    def key(self, *, bad: bool) -> None:
        """Refuse every API key, or accept them again (except those that start with "bad")."""
        with self._lock:
            self._provider.account.is_key_bad = bad
            self._save()

    def reset(self) -> None:
        """Restore the initial state: no orders, no faults, a full wallet, keys accepted. The rate limit stays."""
        with self._lock:
            self._provider = self._provider.renewed()
            self._faults.clear()
            self._requests = RequestLog()
            self._limit = RateLimit(self._limit.requests_per_minute, self._limit.retry_after)
            if self._storage:
                self._storage.rewrite(self._provider)

    def _order(self, order_id: str) -> Order:
        order = self._provider.orders.get(str(order_id))
        if order is None:
            raise ValueError(f"there is no order {order_id}")
        self._provider.catch_up(order)
        return order

    def _save(self) -> None:
        if self._storage:
            self._storage.save(self._provider)
        else:
            self._provider.unsaved.clear()
