"""The client that `upstream.client` gives out: every call takes a slot of the request budget before it is sent."""

from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from enum import Enum
from math import inf
from time import monotonic, sleep
from typing import NamedTuple, TypeVar

from django.utils import timezone

from legitsms import Client, Closing, Code, Country, Number, RateLimited, Rows, Service, Status
from provider import budget
from provider.models.budget import LONGEST_WAIT

LATE_AFTER = 0.05  # seconds; two requests that leave together because one was late are one refusal
LEAD = 0.25  # seconds before its slot at which `wait` returns, for what has to be written before the request
T = TypeVar("T")


class Priority(Enum):
    """How a client gets its slots."""

    MONEY = "books the next slot, and waits for it"
    POLL = "uses the slots that `take` took"
    LOOKED_AT_LIST = 3  # at most every third slot while numbers wait
    BACKGROUND_LIST = 10


class NoSlot(Exception):  # noqa: N818  the fact, not an error
    """No slot was free in time. Nothing was sent."""


class Slot(NamedTuple):
    at: datetime
    due: float  # the same in `monotonic` seconds, which no setting of the clock changes
    is_booked: bool


_refused: dict[str, float] = {}  # when a request of this process was last refused, in `monotonic` seconds


class PacedClient:
    """The methods of `legitsms.Client`. Each blocks until its slot; all slots of one MONEY client within 30 s.

    Raises `NoSlot` before anything is sent, and else what `legitsms.Client` raises. Thread-safe.
    """

    def __init__(self, upstream: str, client: Client, priority: Priority) -> None:
        self._upstream, self._client, self._priority = upstream, client, priority
        self._is_limited: bool | None = None
        self._ends_at = monotonic() + LONGEST_WAIT.total_seconds()
        self._slots: deque[Slot] = deque()

    @property
    def is_limited(self) -> bool:
        if self._is_limited is None:
            self._is_limited = budget.is_limited(self._upstream)
        return self._is_limited

    def take(self, most: int) -> int:
        """Take slots for at most `most` polls. Returns how many; without a limit `most`."""
        if not self.is_limited:
            return most
        taken = [_slot(at) for at in budget.take(self._upstream, most)]
        self._slots.extend(taken)
        return len(taken)

    def wait(self) -> bool:
        """Wait until just before the slot of the next call. False without a limit: it can be sent at once.

        Raises `NoSlot` if there is none within 30 s. Call it outside of a transaction.
        """
        if not self.is_limited:
            return False
        slot = self._get_slot()
        sleep(max(0.0, slot.due - LEAD - monotonic()))
        self._slots.append(slot)
        return True

    def get_countries(self, server: int) -> Rows[Country]:
        return self._send(lambda: self._client.get_countries(server))

    def get_services(self, server: int, country: str | None = None) -> Rows[Service]:
        return self._send(lambda: self._client.get_services(server, country))

    def get_number(self, *, service: str, country: str, server: int, max_price: Decimal | None = None) -> Number:
        """Buy one number. If it misses its slot it takes no other: what was checked before may not hold any more."""
        offer = {"service": service, "country": country, "server": server, "max_price": max_price}
        return self._send(lambda: self._client.get_number(**offer), tries=1)  # type: ignore[arg-type]

    def get_price(self, *, service: str, country: str, server: int) -> Decimal:
        return self._send(lambda: self._client.get_price(service=service, country=country, server=server))

    def get_balance(self) -> Decimal:
        return self._send(self._client.get_balance)

    def get_status(self, activation_id: str) -> Status:
        return self._send(lambda: self._client.get_status(activation_id))

    def cancel(self, activation_id: str) -> Closing | Code:
        return self._send(lambda: self._client.cancel(activation_id))

    def finish(self, activation_id: str) -> Closing | Code:
        return self._send(lambda: self._client.finish(activation_id))

    def _send(self, call: Callable[[], T], tries: int = 5) -> T:
        if not self.is_limited:
            return call()
        sent_at = self._reach_slot(tries)
        try:
            return call()
        except RateLimited as refusal:
            _refused[self._upstream] = monotonic()
            budget.penalize(self._upstream, refusal.retry_after, sent_at)
            raise

    def _reach_slot(self, tries: int) -> datetime:
        """Sleep until a slot. One that was missed, or that lies in the pause after a refusal, is given up."""
        for _ in range(tries):
            slot = self._slots.popleft() if self._slots else self._get_slot()
            sleep(max(0.0, slot.due - monotonic()))
            if monotonic() - slot.due <= LATE_AFTER and not self._is_forbidden(slot):
                return slot.at
        raise NoSlot

    def _is_forbidden(self, slot: Slot) -> bool:
        if slot.is_booked:  # long ago, perhaps: another process may have been refused since
            return budget.is_paused(self._upstream, slot.at)
        return _refused.get(self._upstream, -inf) > slot.due - budget.HORIZON.total_seconds()

    def _get_slot(self) -> Slot:
        match self._priority:
            case Priority.MONEY:
                at = budget.book(self._upstream, timedelta(seconds=max(0.0, self._ends_at - monotonic())))
            case Priority.POLL:
                at = next(iter(budget.take(self._upstream, 1)), None)
            case Priority.LOOKED_AT_LIST | Priority.BACKGROUND_LIST:
                at = budget.take_for_list(self._upstream, self._priority.value)
        if at is None:
            raise NoSlot
        return _slot(at, is_booked=self._priority == Priority.MONEY)


def _slot(at: datetime, *, is_booked: bool = False) -> Slot:
    return Slot(at, monotonic() + (at - timezone.now()).total_seconds(), is_booked)
