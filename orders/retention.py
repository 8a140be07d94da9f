"""Deleting numbers and codes when the team's policy says that they are too old; what was paid stays."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders import journal
from orders.models import Code, Order, OrderEvent
from team.models import Policy

CHUNK = 500  # orders in one transaction, so that nobody waits for a lock
NOTHING_LEFT = {"phone": "", "claimed_phone": "", "problem": ""}


def forget_old() -> int:
    """Delete what `Policy.keep_days` does not allow to be kept; return of how many orders.

    The journal holds numbers and codes too, and needs them for a month at most.
    """
    days = Policy.current().keep_days
    kept = timedelta(days=days) if days else journal.KEPT
    journal.forget_old(journal.home(), min(kept, journal.KEPT))
    if not days:
        return 0
    forgotten = 0
    while chunk := Order.objects.forgettable(timezone.now() - timedelta(days=days)).values_list("pk", flat=True)[
        :CHUNK
    ]:
        forgotten += forget(list(chunk))
    return forgotten


@transaction.atomic
def forget(orders: list[int]) -> int:
    """Their history keeps each step; LegitSMS's own words go, since they may quote a code."""
    Code.objects.filter(order__in=orders).delete()
    happened = OrderEvent.objects.filter(order__in=orders)
    happened.filter(what="answer").update(words="")
    rows = Order.objects.filter(pk__in=orders)
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, what="forgotten", source=status, target=status)
        for pk, status in rows.values_list("pk", "status")
    )
    return rows.update(**NOTHING_LEFT, forgotten_at=timezone.now(), version=F("version") + 1)
