"""What the orders of a period came to: how many, how fast, for how much. Practice in the sandbox is counted apart."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, Func, IntegerField
from django.db.models.functions import Cast, Substr

from catalog import upstream
from catalog.models import Brand, Server
from orders.history import named
from orders.models import Order
from orders.models.queries import PENDING, Cost, OrderQuerySet
from orders.periods import Period
from orders.records import JUDGED, TELLING, WRITTEN_OFF
from team.models import User

WITH_CODE = ("received", "finished")
SERVICES, PURPOSES = 15, 15  # the rows that a table shows at most
WAITS = (15, 30, 45, 60, 90, 120, 180, 300, 600)  # seconds: where each bar but the last ends


class SecondsBetween(Func):
    """Whole seconds from the second time to the first, counted by the database."""

    output_field = IntegerField()
    arity = 2

    def as_sqlite(self, compiler: Any, connection: Any, **_: Any) -> Any:
        whole = "CAST(ROUND((JULIANDAY(%(expressions)s)) * 86400) AS INTEGER)"
        return self.as_sql(compiler, connection, template=whole, arg_joiner=") - JULIANDAY(")

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> Any:
        whole = "EXTRACT(EPOCH FROM (%(expressions)s))::integer"
        return self.as_sql(compiler, connection, template=whole, arg_joiner=" - ")


@dataclass(frozen=True, slots=True)
class Success:
    """How many of the numbers that had their chance got a code."""

    numbers: int = 0
    codes: int = 0

    @property
    def is_telling(self) -> bool:
        return self.numbers >= TELLING

    @property
    def percent(self) -> int:
        return round(100 * self.codes / self.numbers) if self.numbers else 0

    @property
    def heat(self) -> int:
        """From 0 to 10, for its colour."""
        return self.percent // 10

    def __add__(self, other: "Success") -> "Success":
        return Success(self.numbers + other.numbers, self.codes + other.codes)


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody spent, or what was spent on something."""

    name: str
    cost: Cost


class Waits:
    """How long codes took, from a count of each number of seconds."""

    def __init__(self, counts: Counter[int]) -> None:
        self.counts = counts
        self.total = counts.total()

    def within(self, share: float) -> int | None:
        """The seconds within which this share of the codes arrived."""
        reached = 0
        for seconds, count in sorted(self.counts.items()):
            reached += count
            if reached >= share * self.total:
                return seconds
        return None

    @property
    def median(self) -> int | None:
        return self.within(0.5)

    @property
    def most(self) -> int | None:
        return self.within(0.9)

    @property
    def bars(self) -> list[tuple[int, int | None, int, float]]:
        """From, until (None: longer), how many, and how long the bar is, of a hundred."""
        starts, ends = (0, *WAITS), (*WAITS, None)
        counts = [sum(self._between(start, end)) for start, end in zip(starts, ends, strict=True)]
        highest = max(counts) or 1
        shares = (100 * count / highest for count in counts)
        return list(zip(starts, ends, counts, shares, strict=True))

    def _between(self, start: int, end: int | None) -> Iterable[int]:
        return (count for wait, count in self.counts.items() if max(wait, 0) >= start and (end is None or wait < end))


class Statistics:
    """One period. Each part is one question to the database, asked when a page shows it."""

    def __init__(self, period: Period) -> None:
        self.since, self.until = period.span()
        # Not «of this upstream»: SQLite would follow an index by it, through all orders of all time
        others = [each for each in upstream.Upstream if each != upstream.current()]
        of_now: OrderQuerySet = Order.objects.exclude(upstream__in=others).order_by()
        self.orders = period.of(of_now)

    @cached_property
    def statuses(self) -> Counter[tuple[str, str]]:
        """How many orders each day and status has; a day is the first ten signs of its time."""
        day = Substr(Cast("requested_at", CharField()), 1, 10)
        rows = self.orders.annotate(day=day).values_list("day", "status").annotate(Count("pk"))
        return Counter({(day, status): count for day, status, count in rows})

    def count(self, *statuses: str) -> int:
        return sum(count for (_, status), count in self.statuses.items() if status in statuses)

    @property
    def total(self) -> int:
        return self.statuses.total()

    @property
    def not_bought(self) -> int:
        return self.count("refused")

    @property
    def open(self) -> int:
        return self.count(*PENDING, "waiting", "unclear")

    @cached_property
    def by_offer(self) -> dict[tuple[str, int], Success]:
        """By brand and server. A number that was written off had no chance that anybody knows of."""
        judged = self.orders.filter(status__in=JUDGED).exclude(outcome=WRITTEN_OFF)
        table: dict[tuple[str, int], Success] = {}
        for brand, server, status, count in judged.values_list("brand_key", "server", "status").annotate(Count("pk")):
            gained = Success(count, count if status in WITH_CODE else 0)
            table[brand, server] = table.get((brand, server), Success()) + gained
        return table

    @property
    def success(self) -> Success:
        return together(self.by_offer.values())

    @cached_property
    def services(self) -> list[tuple[str, list[Success], Success]]:
        """The services that were bought most: what each is called, its success on each server, and in all."""
        sums = {brand: self._row(brand) for brand in {brand for brand, _ in self.by_offer}}
        most = sorted(sums, key=lambda brand: -together(sums[brand]).numbers)[:SERVICES]
        names = dict(named(Brand, set(most)))
        return [(names.get(brand, "Not in the catalogue"), sums[brand], together(sums[brand])) for brand in most]

    @property
    def services_left(self) -> int:
        return len({brand for brand, _ in self.by_offer}) - len(self.services)

    def _row(self, brand: str) -> list[Success]:
        return [self.by_offer.get((brand, server), Success()) for server in Server.values]

    @cached_property
    def waits(self) -> Waits:
        came = self.orders.filter(received_at__isnull=False, bought_at__isnull=False)
        rows = came.annotate(wait=SecondsBetween("received_at", "bought_at")).values_list("wait").annotate(Count("pk"))
        return Waits(Counter(dict(rows)))

    @cached_property
    def by_member(self) -> list[Spent]:
        costs = self.orders.costing().cost_by("purchase__buyer")
        names = {user.pk: user.short_name for user in User.objects.filter(pk__in=costs)}
        return dearest(Spent(names[pk], cost) for pk, cost in costs.items())

    @cached_property
    def _purposes(self) -> list[Spent]:
        costs = self.orders.costing().cost_by("note")
        return dearest(Spent(note, cost) for note, cost in costs.items())

    @property
    def by_purpose(self) -> list[Spent]:
        return self._purposes[:PURPOSES]

    @property
    def purposes_left(self) -> int:
        return len(self._purposes) - len(self.by_purpose)

    @property
    def spent(self) -> Cost:
        costs = [each.cost for each in self.by_member]
        parts = ((cost.numbers, cost.known, cost.estimated, cost.unknown) for cost in costs)
        return Cost(*(sum(part) for part in zip(*parts, strict=True))) if costs else Cost()

    @cached_property
    def refunded(self) -> Cost:
        return self.orders.filter(status="cancelled").cost()


def together(parts: Iterable[Success]) -> Success:
    return sum(parts, Success())


def dearest(spent: Iterable[Spent]) -> list[Spent]:
    return sorted(spent, key=lambda each: (-each.cost.amount, -each.cost.numbers, each.name.casefold()))
