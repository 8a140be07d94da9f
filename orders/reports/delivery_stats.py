"""The team's own statistics of an offer: how many codes came, how fast, and whether stock ran out recently."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.utils import timezone

from catalog.offers import Offer
from orders.models import WRITTEN_OFF, Order
from provider import upstream

PERIOD = timedelta(days=30)
STOCK_OUT_FOR = timedelta(minutes=30)
MIN_SAMPLE = 5  # orders; a rate of fewer means nothing
COUNTED = ("received", "finished", "cancelled", "closed")  # orders that had a number


@dataclass(frozen=True, slots=True)
class DeliveryStats:
    """The team's orders of one offer in the last 30 days."""

    orders: int
    codes: int
    median: timedelta | None
    out_of_stock_at: datetime | None

    @property
    def has_enough_data(self) -> bool:
        return self.orders >= MIN_SAMPLE

    @property
    def percent(self) -> int | None:
        return round(100 * self.codes / self.orders) if self.has_enough_data else None

    @property
    def message(self) -> str:
        if not self.orders:
            return "no orders of yours yet"
        came = f"codes {self.codes} of {self.orders}"
        if not self.has_enough_data:
            return f"{came}, too few to judge"
        return f"{came} ({self.percent} %)" + (f", median {minutes(self.median)}" if self.median is not None else "")


def minutes(span: timedelta) -> str:
    whole, seconds = divmod(int(span.total_seconds()), 60)
    return f"{whole}:{seconds:02}"


Key = tuple[int, str, str]  # server, country, service


def for_offers(offers: Iterable[Offer]) -> dict[Key, DeliveryStats]:
    """The statistics of each of `offers`, by its server, country and service."""
    keys = [(offer.server, offer.country.code, offer.service.code) for offer in offers]
    since = timezone.now() - PERIOD
    of_this = Order.objects.filter(upstream=upstream.current(), requested_at__gte=since)
    bought = of_this.filter(service__in={service for _, _, service in keys})
    rows = list(
        bought.values_list("server", "country", "service", "status", "outcome", "bought_at", "received_at", "ended_at")
    )
    return {key: summary([row[3:] for row in rows if row[:3] == key]) for key in keys}


def middle(waits: list[timedelta]) -> timedelta:
    return timedelta(seconds=median(wait.total_seconds() for wait in waits))


def summary(rows: list[tuple[str, str, datetime | None, datetime | None, datetime | None]]) -> DeliveryStats:
    counted = [row for row in rows if row[0] in COUNTED and row[1] != WRITTEN_OFF]
    waits = [received - bought for _, _, bought, received, _ in counted if received and bought]
    empty = [ended for _, outcome, _, _, ended in rows if outcome in {"NO_NUMBERS", "NO_NUMBER"} and ended]
    given = max((bought for _, _, bought, _, _ in rows if bought), default=None)
    lately = [at for at in empty if timezone.now() - at < STOCK_OUT_FOR and (given is None or given < at)]
    return DeliveryStats(
        orders=len(counted),
        codes=len(waits),
        median=middle(waits) if waits else None,
        out_of_stock_at=max(lately, default=None),
    )
