"""Leases the orders to be polled now, so that no other worker polls them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from orders.models import Order
from orders.models.querysets import OrderQuerySet
from orders.worker.poll_order import most_urgent
from provider.choices import Upstream
from provider.models import ProviderHealth

CHUNK = 250  # rows per lease


@dataclass(frozen=True, slots=True)
class Lease:
    """One order to poll."""

    pk: int
    activation_id: str
    due_at: datetime
    has_trouble: bool  # marks that a good answer removes
    asked_at: datetime | None = None  # before this lease


def lease_due(upstream: Upstream, take: Callable[[int], int] | None = None) -> list[Lease]:
    """Lease the due orders by moving their next poll on. While the key is refused, one probe every 30 s.

    `take` takes slots of the budget, at most as many as it is told, and returns how many: no more orders are leased
    then. None: there is no limit.
    """
    now = timezone.now()
    due = Order.objects.due(now).filter(upstream=upstream).order_by("next_poll_at", "pk")
    if not due.exists():
        return []
    limit = CHUNK
    if ProviderHealth.for_upstream(upstream).bad_key_since:
        limit = int(ProviderHealth.lease_probe(upstream))
    if take:
        limit = take(min(limit, due.count()))
        due = due.filter(pk__in=most_urgent(due, limit, now))
    return lease(due[:limit], now) if limit else []


def lease(due: OrderQuerySet[Order], now: datetime) -> list[Lease]:
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True)  # SQLite has no row locks; its transaction is one itself
        fields = ("pk", "activation_id", "next_poll_at", "is_unchecked", "unknown_times", "asked_at")
        leases = [
            Lease(pk, activation_id, due_at, bool(is_unchecked or unknown_times), asked_at)
            for pk, activation_id, due_at, is_unchecked, unknown_times, asked_at in rows.values_list(*fields)
        ]
        Order.objects.filter(pk__in=[lease.pk for lease in leases]).lease(now)
    return leases


def release(unsent: list[Lease]) -> None:
    """Make orders due again whose slot was missed: nothing was sent."""
    for lease in unsent:
        row = Order.objects.filter(pk=lease.pk, next_poll_at__gt=lease.due_at)
        row.update(next_poll_at=lease.due_at, asked_at=lease.asked_at)
