"""Statistics of a period: how many orders, how fast, for how much. Sandbox orders are counted separately."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import CharField, Count, Func, IntegerField
from django.db.models.functions import Cast, Substr

from catalog.models import Brand, Server
from orders.models import WRITTEN_OFF, Order
from orders.models.cost import Cost
from orders.models.querysets import PENDING, OrderQuerySet
from orders.reports.delivery_stats import COUNTED, MIN_SAMPLE
from orders.reports.history import labelled
from orders.reports.periods import Period
from provider import upstream
from provider.choices import Upstream
from team.models import User

WITH_CODE = ("received", "finished")
SERVICES, PURPOSES = 15, 15  # rows of a table
WAITS = (15, 30, 45, 60, 90, 120, 180, 300, 600)  # seconds: the end of each bar but the last


class SecondsBetween(Func):
    """Whole seconds from the second time to the first, computed by the database."""

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
    """How many of the completed numbers got a code."""

    numbers: int = 0
    codes: int = 0

    @property
    def has_enough_data(self) -> bool:
        return self.numbers >= MIN_SAMPLE

    @property
    def percent(self) -> int:
        return round(100 * self.codes / self.numbers) if self.numbers else 0

    @property
    def heat(self) -> int:
        """0 to 10, for the colour of the cell."""
        return self.percent // 10

    def __add__(self, other: "Success") -> "Success":
        return Success(self.numbers + other.numbers, self.codes + other.codes)


@dataclass(frozen=True, slots=True)
class Spent:
    """The cost of one member's orders, or of one purpose."""

    name: str
    cost: Cost


class Waits:
    """The distribution of the waiting times, from the count of each number of seconds."""

    def __init__(self, counts: Counter[int]) -> None:
        self.counts = counts
        self.total = counts.total()

    @property
    def has_enough_data(self) -> bool:
        return self.total >= MIN_SAMPLE

    def within(self, share: float) -> int | None:
        """The number of seconds within which this share of the codes arrived."""
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
        """Per bar: start, end (None: open), count, and length in percent of the longest."""
        starts, ends = (0, *WAITS), (*WAITS, None)
        counts = [sum(self._between(start, end)) for start, end in zip(starts, ends, strict=True)]
        highest = max(counts) or 1
        usages = (100 * count / highest for count in counts)
        return list(zip(starts, ends, counts, usages, strict=True))

    def _between(self, start: int, end: int | None) -> Iterable[int]:
        return (count for wait, count in self.counts.items() if max(wait, 0) >= start and (end is None or wait < end))


class Statistics:
    """One period. Each property is one query, made when a page shows it."""

    def __init__(self, period: Period) -> None:
        self.since, self.until = period.span()
        # Not `filter(upstream=…)`: SQLite would follow the index of that column, through the orders of all time
        others = [each for each in Upstream if each != upstream.current()]
        of_now: OrderQuerySet[Order] = Order.objects.exclude(upstream__in=others).order_by()
        self.orders = period.of(of_now)

    @cached_property
    def statuses(self) -> Counter[tuple[str, str]]:
        """The count of each day and status; a day is the first ten characters of the time."""
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
        """By brand and server. Written-off orders do not count: whether they had a number is not known."""
        judged = self.orders.filter(status__in=COUNTED).exclude(outcome=WRITTEN_OFF)
        table: dict[tuple[str, int], Success] = {}
        for brand, server, status, count in judged.values_list("brand_key", "server", "status").annotate(Count("pk")):
            gained = Success(count, count if status in WITH_CODE else 0)
            table[brand, server] = table.get((brand, server), Success()) + gained
        return table

    @property
    def success(self) -> Success:
        return total_success(self.by_offer.values())

    @cached_property
    def services(self) -> list[tuple[str, list[Success], Success]]:
        """The most bought services: name, success on each server, and in total."""
        sums = {brand: self._row(brand) for brand in {brand for brand, _ in self.by_offer}}
        most = sorted(sums, key=lambda brand: -total_success(sums[brand]).numbers)[:SERVICES]
        names = dict(labelled(Brand, set(most)))
        return [(names.get(brand, "Not in the catalogue"), sums[brand], total_success(sums[brand])) for brand in most]

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
        return by_amount(Spent(names[pk], cost) for pk, cost in costs.items())

    @cached_property
    def _purposes(self) -> list[Spent]:
        costs = self.orders.costing().cost_by("note")
        return by_amount(Spent(note, cost) for note, cost in costs.items())

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


def total_success(parts: Iterable[Success]) -> Success:
    return sum(parts, Success())


def by_amount(spent: Iterable[Spent]) -> list[Spent]:
    return sorted(spent, key=lambda each: (-each.cost.amount, -each.cost.numbers, each.name.casefold()))
