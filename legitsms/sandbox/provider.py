"""The simulated provider: its wallet, orders and clock. Not thread-safe: `Control` holds the lock."""

import random
import time
from collections import Counter
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Self

from legitsms.sandbox.lists import PRICED, Country, Service, price, stock
from legitsms.sandbox.orders import Order
from legitsms.sandbox.scenarios import CODE, LIFE, Scenario

CANCEL_AFTER = 120.0  # seconds after the purchase; earlier is ERROR_WAIT_2_MINUTES
NEVER = 1 / 12  # share of ordinary orders that never get an SMS
EARLIEST, LATEST = 8.0, 25.0  # seconds until an ordinary SMS arrives
ID_EPOCH = 1_735_689_600  # 2025-01-01


class OutOfStock(Exception):  # noqa: N818 a refusal rather than an error
    pass


class WalletEmpty(Exception):  # noqa: N818
    pass


@dataclass(slots=True)
class Account:
    """What is stored across restarts besides the orders."""

    wallet: Decimal = Decimal("100.00")
    is_key_bad: bool = False
    skipped: float = 0.0  # seconds by which the clock was advanced
    bought: int = 0  # number of orders so far; seeds the random choices for the next one


@dataclass(slots=True)
class Provider:
    """`speed` divides every wait: until a code, until a cancel is allowed, until an order expires."""

    speed: float = 1.0
    seed: str = "sandbox"
    account: Account = field(default_factory=Account)
    orders: dict[str, Order] = field(default_factory=dict)
    unsaved: list[Order] = field(default_factory=list)
    last_id: int = 0
    has_prices: bool = False  # whether getPrices, getBalance and max_price are supported

    def renewed(self) -> Self:
        """Return the same provider in its initial state. It does not repeat ids."""
        return replace(self, account=Account(), orders={}, unsaved=[])

    def now(self) -> float:
        return time.time() + self.account.skipped

    def catch_up(self, order: Order) -> None:
        if order.catch_up(self.now()):
            self.unsaved.append(order)

    def in_use(self, server: int, country: Country) -> Counter[str]:
        """Count the numbers of open orders in a country, by service."""
        rows = (order for order in self.orders.values() if (order.server, order.country) == (server, country.code))
        return Counter(order.service for order in rows if order.is_open)

    def buy(self, server: int, country: Country, service: Service) -> Order:
        """Sell a number, or raise OutOfStock or WalletEmpty."""
        if server == PRICED and self.in_use(server, country)[service.code] >= stock(country, service):
            raise OutOfStock
        cost = price(server, country, service)
        if self.account.wallet < cost:
            raise WalletEmpty
        rng = self._random(self.account.bought + 1)
        order = self._order(server, country, service, cost, rng)
        self.account.wallet -= cost
        self.account.bought += 1
        self.orders[order.id] = order
        self.unsaved.append(order)
        return order

    def _order(self, server: int, country: Country, service: Service, cost: Decimal, rng: random.Random) -> Order:
        scenario = service.scenario or _ordinary_scenario(rng)
        now = self.now()
        return Order(
            id=self._next_id(),
            server=server,
            service=service.code,
            country=country.code,
            phone=self._phone(country, rng),
            price=cost,
            bought_at=now,
            cancellable_at=now + CANCEL_AFTER / self.speed,
            ends_at=now + scenario.life / self.speed,
            coming=[(now + wait / self.speed, text.replace(CODE, _code(rng))) for wait, text in scenario.messages],
            code_on_cancel=_code(rng) if scenario.code_on_cancel else "",
            nonsense_until=now + scenario.nonsense_for / self.speed,
        )

    def _next_id(self) -> str:
        # Derived from the clock, so that a restart without a state file does not repeat ids.
        self.last_id = max(self.last_id + 1, int((time.time() - ID_EPOCH) * 100))
        return str(self.last_id)

    def _phone(self, country: Country, rng: random.Random) -> str:
        taken = {order.phone for order in self.orders.values() if order.is_open}
        for _ in range(100):
            phone = "".join(rng.choice("0123456789") if c == "#" else c for c in rng.choice(country.numbers))
            if phone not in taken:
                return phone
        raise OutOfStock

    def cancel(self, order: Order) -> str:
        """Answer setStatus 8. Refunds an order that has no code."""
        if order.code_on_cancel and order.is_open and self.now() >= order.cancellable_at:
            self.deliver(order, order.code_on_cancel)
            order.code_on_cancel = ""
        if not order.is_open:
            return "ALREADY_FINISH" if order.status == "finished" else "ALREADY_CANCELED"
        if order.codes:
            return f"STATUS_OK:{order.codes[-1]}"
        if self.now() < order.cancellable_at:
            return "ERROR_WAIT_2_MINUTES"
        self.account.wallet += order.price
        order.is_refunded = True
        self._end(order, "cancelled")
        return "ACCESS_CANCEL"

    def finish(self, order: Order) -> str:
        """Answer setStatus 6."""
        if not order.is_open:
            return "ALREADY_FINISH" if order.status == "finished" else "ALREADY_CANCELED"
        self._end(order, "finished")
        return "ACCESS_ACTIVATION"

    def expire(self, order: Order) -> None:
        if order.is_open:
            order.ends_at = self.now()
            self._end(order, "expired")

    def _end(self, order: Order, status: str) -> None:
        order.status = status
        self.unsaved.append(order)

    def deliver(self, order: Order, text: str | None = None) -> None:
        """Deliver an SMS now. Reopens a closed order: late codes do happen."""
        if not order.is_open:
            order.ends_at = self.now() + LIFE / self.speed
        order.receive(_code(self._random(time.monotonic_ns())) if text is None else text)
        self.unsaved.append(order)

    def _random(self, draw: int) -> random.Random:
        return random.Random(f"{self.seed}/{draw}")  # noqa: S311 reproducible, not secret


def _ordinary_scenario(rng: random.Random) -> Scenario:
    if rng.random() < NEVER:
        return Scenario()
    return Scenario(messages=((rng.uniform(EARLIEST, LATEST), CODE),))


def _code(rng: random.Random) -> str:
    return f"{rng.randrange(10**6):06}"
