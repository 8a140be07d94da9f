"""What the team itself has seen of an offer: how many codes came, how fast, and whether stock ran out a moment ago."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from catalog import upstream
from catalog.offers import Offer
from orders.models import Order

REMEMBERED = timedelta(days=30)
STOCK_OUT_FOR = timedelta(minutes=30)
TELLING = 5  # orders; of fewer, a rate says nothing
JUDGED = ("received", "finished", "cancelled", "closed")  # orders that had their chance
WRITTEN_OFF = "written off"  # but nobody ever knew whether there was a number


@dataclass(frozen=True, slots=True)
class Record:
    """The team's orders of one offer in the last 30 days."""

    orders: int
    codes: int
    median: timedelta | None
    out_of_stock_at: datetime | None

    @property
    def is_telling(self) -> bool:
        return self.orders >= TELLING

    @property
    def percent(self) -> int | None:
        return round(100 * self.codes / self.orders) if self.is_telling else None

    @property
    def told(self) -> str:
        if not self.orders:
            return "no orders of yours yet"
        came = f"codes {self.codes} of {self.orders}"
        if not self.is_telling:
            return f"{came}, too few to judge"
        return f"{came} ({self.percent} %)" + (f", median {clock(self.median)}" if self.median is not None else "")


def clock(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    return f"{minutes}:{seconds:02}"


Key = tuple[int, str, str]  # server, country, service


def of(offers: Iterable[Offer]) -> dict[Key, Record]:
    """The record of each of `offers`, by its server, country and service."""
    keys = [(offer.server, offer.country.code, offer.service.code) for offer in offers]
    since = timezone.now() - REMEMBERED
    of_this = Order.objects.filter(upstream=upstream.current(), requested_at__gte=since)
    bought = of_this.filter(service__in={service for _, _, service in keys})
    rows = list(
        bought.values_list("server", "country", "service", "status", "outcome", "bought_at", "received_at", "ended_at")
    )
    return {key: summary([row[3:] for row in rows if row[:3] == key]) for key in keys}


def middle(waits: list[timedelta]) -> timedelta:
    return timedelta(seconds=median(wait.total_seconds() for wait in waits))


def summary(rows: list[tuple[str, str, datetime | None, datetime | None, datetime | None]]) -> Record:
    judged = [row for row in rows if row[0] in JUDGED and row[1] != WRITTEN_OFF]
    waits = [received - bought for _, _, bought, received, _ in judged if received and bought]
    empty = [ended for _, outcome, _, _, ended in rows if outcome in {"NO_NUMBERS", "NO_NUMBER"} and ended]
    given = max((bought for _, _, bought, _, _ in rows if bought), default=None)
    lately = [at for at in empty if timezone.now() - at < STOCK_OUT_FOR and (given is None or given < at)]
    return Record(
        orders=len(judged),
        codes=len(waits),
        median=middle(waits) if waits else None,
        out_of_stock_at=max(lately, default=None),
    )
