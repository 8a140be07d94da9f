"""The geometry of the bar charts, from which a template draws plain SVG."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

WIDTH, HEIGHT = 1000, 100  # of the SVG view box; the page scales it
MOST_DAYS = 92  # a longer period is drawn by months
GROUPS = {
    "code": ("Code received", ("received", "finished")),
    "none": ("No code", ("cancelled", "closed")),
    "refused": ("Not bought", ("refused",)),
    "open": ("Open or unclear", ("requested", "buying", "waiting", "unclear")),
}


@dataclass(frozen=True, slots=True)
class Part:
    """The orders of one day with results of one kind."""

    kind: str
    count: int
    y: float
    height: float

    @property
    def label(self) -> str:
        return GROUPS[self.kind][0].lower()


@dataclass(frozen=True, slots=True)
class Column:
    """One day, or one month."""

    start: date
    x: float
    width: float
    parts: list[Part]

    @property
    def total(self) -> int:
        return sum(part.count for part in self.parts)

    @property
    def bars(self) -> list[Part]:
        return [part for part in self.parts if part.count]

    @property
    def summary(self) -> str:
        """`3 orders, 2 code received, 1 not bought`."""
        counts = [f"{part.count} {part.label}" for part in self.bars]
        return ", ".join([f"{self.total} order{'' if self.total == 1 else 's'}", *counts])


@dataclass(frozen=True, slots=True)
class Timeline:
    """Orders by day, or by month where there would be too many days."""

    columns: list[Column]
    highest: int
    is_monthly: bool

    @property
    def unit(self) -> str:
        return "month" if self.is_monthly else "day"

    @property
    def date_format(self) -> str:
        """How a template writes the start of a column; `long_date_format` says the year of a day, too."""
        return "F Y" if self.is_monthly else "D j M"

    @property
    def long_date_format(self) -> str:
        return "F Y" if self.is_monthly else "D j M Y"

    @property
    def last(self) -> Column:
        return self.columns[-1]


def timeline(
    statuses: Mapping[tuple[str, str], int], since: datetime | None, until: datetime | None, today: date
) -> Timeline:
    """`statuses`: how many orders each day ("2026-11-22") and status has."""
    days = [date.fromisoformat(day) for day, _ in statuses]
    first = since.date() if since else min(days, default=today)
    last = until.date() - timedelta(days=1) if until else max(days, default=today)
    last = max(last, first, today if not until else last)
    is_monthly = (last - first).days >= MOST_DAYS
    starts = list(months(first, last) if is_monthly else each_day(first, last))
    counts = grouped(statuses, is_monthly=is_monthly)
    highest = max((sum(counts.get((start, kind), 0) for kind in GROUPS) for start in starts), default=0)
    pitch = WIDTH / len(starts)
    columns = [Column(start, n * pitch, pitch * 0.8, stacked(counts, start, highest)) for n, start in enumerate(starts)]
    return Timeline(columns, highest, is_monthly)


def grouped(statuses: Mapping[tuple[str, str], int], *, is_monthly: bool) -> dict[tuple[date, str], int]:
    kinds = {status: kind for kind, (_, members) in GROUPS.items() for status in members}
    counts: dict[tuple[date, str], int] = {}
    for (day, status), count in statuses.items():
        start = date.fromisoformat(day).replace(day=1) if is_monthly else date.fromisoformat(day)
        counts[start, kinds[status]] = counts.get((start, kinds[status]), 0) + count
    return counts


def stacked(counts: Mapping[tuple[date, str], int], start: date, highest: int) -> list[Part]:
    """Stacked from the bottom up, in the order of the groups."""
    parts, y = [], float(HEIGHT)
    for kind in GROUPS:
        count = counts.get((start, kind), 0)
        height = HEIGHT * count / highest if highest else 0
        y -= height
        parts.append(Part(kind, count, round(y, 2), round(height, 2)))
    return parts


def each_day(first: date, last: date) -> "list[date]":
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def months(first: date, last: date) -> "list[date]":
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return [date(first.year + (first.month - 1 + n) // 12, (first.month - 1 + n) % 12 + 1, 1) for n in range(count)]
