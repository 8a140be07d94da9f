"""Finds every order that a lost message, a dead worker or a full disk left behind. Runs every second."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

import legitsms
from legitsms import LegitSMSError
from orders.intervals import POLL_CAPPED_EVERY
from orders.lifecycle import answers, buying, closing
from orders.models import NOT_BOUGHT, Order, OrderEvent, StaleOrder
from orders.models.querysets import POLLED
from orders.worker import journal, purchasing
from orders.worker.status_requests import record_health, request_status
from provider import health, upstream
from provider.choices import Upstream
from provider.models import ProviderHealth
from provider.paced_client import NoSlot, PacedClient

UNDELIVERED_AFTER = timedelta(seconds=2)  # a message that was delivered has had its effect by then
LOST_AFTER = timedelta(seconds=60)  # longer than any answer can take
FINISH_REQUESTED = ("finish requested", "finish wished")  # the second name was used before 1.0
SOON = timedelta(minutes=1)
log = logging.getLogger(__name__)


def apply_to_each(orders: Iterable[Order], step: Callable[[Order], None]) -> None:
    """Call `step` for each order. One that has changed meanwhile is skipped; one that fails delays no other.

    If the database ended the connection, the next order gets a new one.
    """
    for order in orders:
        try:
            step(order)
        except StaleOrder:
            pass
        except Exception:
            log.exception("recovery of order %s failed", order.pk)
            if not connection.is_usable():
                connection.close()


def refuse_stale() -> None:
    """End requests that are too old: a purchase now would be a surprise."""
    late = Order.objects.first_in_line().filter(not_after__lte=timezone.now())
    apply_to_each(late, lambda order: buying.refuse_unsent(order, "too old"))


def read_journal_back() -> None:
    """Give orders the numbers that are in the journal only: the database was away, or a backup was restored."""
    now = timezone.now()
    unfinished = Q(status="buying", buying_at__lte=now - UNDELIVERED_AFTER) | Q(status__in=["unclear", "requested"])
    kept_since = now - journal.KEPT
    not_bought = Q(status="refused", outcome=NOT_BOUGHT)
    candidates = Order.objects.filter(unfinished | not_bought, requested_at__gte=kept_since)
    if not candidates.exists():
        return
    known = journal.purchases(journal.journal_dir())

    def look_up(order: Order) -> None:
        if record := known.get(str(order.attempt or order.intent)):
            purchasing.restore_number(order, record)

    apply_to_each(candidates, look_up)


def numbers_without_order() -> list[journal.PurchaseRecord]:
    """Bought numbers whose order is not in the database: the restored backup is older than their request."""
    known = journal.purchases(journal.journal_dir()).values()
    orders = Order.objects.only("purchase_id", "ordinal").filter(pk__in={record.order for record in known})
    ours = {str(order.intent) for order in orders}
    return [record for record in known if record.attempt not in ours]


_stored: dict[Path, int] = {}  # how many codes of each file this process has seen in the database


def read_codes_back() -> None:
    """Give orders the codes that are in the journal only: the worker died, or a backup was restored.

    What the team's policy has deleted stays deleted.
    """
    for path, records in journal.codes(journal.journal_dir()).items():
        new = records[_stored.get(path, 0) :]
        if new and store_codes(new):
            _stored[path] = len(records)


def store_codes(records: list[journal.CodeRecord]) -> bool:
    """Store the codes that their orders lack. Returns whether none was lacking."""
    numbers = {record.activation_id for record in records}
    rows = Order.objects.filter(activation_id__in=numbers).prefetch_related("codes")
    orders = {(order.upstream, order.activation_id): order for order in rows}
    is_complete = True
    for record in records:
        order = orders.get((record.upstream, record.activation_id))
        if not order:  # a person may still report the number for an unclear one
            is_complete = False
        elif not order.erased_at and record.text not in {code.text for code in order.codes.all()}:
            is_complete = False
            apply_to_each([order], partial(answers.record_code, text=record.text))
    return is_complete


def record_lost_as_unclear() -> None:
    """A purchase whose worker died is unclear: it may have been sent, so it is never sent again."""
    lost = Order.objects.filter(status="buying", buying_at__lte=timezone.now() - LOST_AFTER)
    apply_to_each(lost, lambda order: buying.record_unclear(order, "worker lost"))


def flag_capped() -> None:
    """An order that LegitSMS does not end needs a person; it is polled on, slowly."""
    apply_to_each(
        Order.objects.past_cap(timezone.now()), lambda order: answers.flag_for_attention(order, POLL_CAPPED_EVERY)
    )


def cancel_before_end() -> None:
    """Cancel orders near their expected end, while a cancel still refunds them."""
    if settings.CANCEL_BEFORE_END:
        apply_to_each(Order.objects.near_expected_end(timezone.now()), closing.cancel_before_end)


def finish_unconfirmed() -> None:
    """Finish orders whose finish LegitSMS has not confirmed within their whole life."""
    old = timezone.now() - settings.HARD_CAP
    requested = OrderEvent.objects.filter(what__in=FINISH_REQUESTED, at__lte=old)
    done = Order.objects.filter(status="received", finish_at__isnull=False, events__in=requested).distinct()
    apply_to_each(done, lambda order: answers.record_finished(order, "unconfirmed"))


def trust_new_key() -> None:
    """A key that an administrator has just entered counts as good until LegitSMS refuses it."""
    since = None if settings.LEGITSMS_API_KEY else upstream.stored().since
    if since and ProviderHealth.objects.filter(upstream=Upstream.LIVE, bad_key_since__lt=since).exists():
        health.mark(Upstream.LIVE, bad_key_since=None)


def probe_key(known: Upstream, client: PacedClient) -> None:
    """While the key counts as refused and no order is polled soon, request the status of the last order.

    Otherwise nothing would find out that the key is good again.
    """
    numbers = Order.objects.filter(upstream=known).exclude(activation_id="")
    soon = timezone.now() + SOON  # one that ended upstream after its code is open, and not polled
    if (
        not ProviderHealth.for_upstream(known).bad_key_since
        or numbers.filter(status__in=POLLED, next_poll_at__lte=soon).exists()
    ):
        return
    if ProviderHealth.lease_probe(known):
        last = numbers.first()
        try:
            status = request_status(known, last.activation_id if last else "0", client)
        except NoSlot:
            pass
        except LegitSMSError as fault:
            record_health(known, fault)
        else:
            record_health(known, None)
            if last and isinstance(status, legitsms.Code):
                answers.record_code(last, status.text)


def undelivered_requests() -> list[int]:
    """Requests whose message was not delivered."""
    now = timezone.now()
    waiting = Order.objects.first_in_line().filter(next_attempt_at__lte=now, requested_at__lte=now - UNDELIVERED_AFTER)
    return list(waiting.values_list("pk", flat=True)[:100])


def due_actions() -> list[int]:
    """Requested cancels and finishes to be sent now; with a refused key they wait, as polling does."""
    due = Order.objects.with_due_action(timezone.now()).filter(upstream__in=usable_upstreams())
    return list(due.values_list("pk", flat=True)[:100])


def due_reports() -> list[int]:
    """Reported purchases that are to be checked now."""
    due = Order.objects.reported_bought(timezone.now()).filter(upstream__in=usable_upstreams())
    return list(due.values_list("pk", flat=True)[:100])


def usable_upstreams() -> list[Upstream]:
    return [known for known in upstream.usable() if not ProviderHealth.for_upstream(known).bad_key_since]
