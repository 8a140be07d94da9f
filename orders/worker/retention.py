"""Deletes numbers and codes that are older than the team's policy allows; orders and prices stay."""

from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from orders.models import Code, Order, OrderEvent
from orders.worker import journal
from team.models import Policy

CHUNK = 500  # orders per transaction, so that locks are held only briefly
ERASED_FIELDS = {"phone": "", "reported_phone": "", "problem": ""}


def delete_expired() -> int:
    """Delete what `Policy.keep_days` does not allow to be kept. Returns the number of orders.

    The journal holds numbers and codes too; its files are deleted after 30 days at the latest.
    """
    days = Policy.current().keep_days
    kept = timedelta(days=days) if days else journal.KEPT
    journal.delete_expired(journal.journal_dir(), min(kept, journal.KEPT))
    if not days:
        return 0
    erased = 0
    while chunk := Order.objects.erasable(timezone.now() - timedelta(days=days)).values_list("pk", flat=True)[:CHUNK]:
        erased += erase(list(chunk))
    return erased


@transaction.atomic
def erase(orders: list[int]) -> int:
    """The events stay; LegitSMS's own words in them are deleted, since they may quote a code."""
    Code.objects.filter(order__in=orders).delete()
    events = OrderEvent.objects.filter(order__in=orders)
    events.filter(what="answer").update(detail="")
    rows = Order.objects.filter(pk__in=orders)
    OrderEvent.objects.bulk_create(
        OrderEvent(order_id=pk, what="erased", source=status, target=status)
        for pk, status in rows.values_list("pk", "status")
    )
    return rows.update(**ERASED_FIELDS, erased_at=timezone.now(), version=F("version") + 1)
