"""Polls every bought number: lease the due orders, send getStatus on many threads, record the answers in batches.

The row is the lease: `next_poll_at` moves on before the request is sent, so a second worker finds nothing to do, and
the orders of a killed worker are polled again one interval later.
"""

import logging
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial
from time import monotonic

from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

import legitsms
from legitsms import Client, LegitSMSError
from orders.intervals import GRID_SLACK
from orders.lifecycle import answers
from orders.models import Order, StaleOrder
from orders.worker.status_requests import describe, record_health, request_status
from provider.choices import Upstream
from provider.models import ProviderHealth

log = logging.getLogger(__name__)
CHUNK = 250  # rows per lease
THREADS = 64
BATCH_WAIT = 0.1  # seconds in which answers are collected before they are recorded
SWEEP_TIMEOUT = 2.5  # seconds a sweep waits for slow answers; later ones are recorded as they come
DEADLINE = timedelta(seconds=8)  # of one getStatus, set by the client
# A connection may also end while a savepoint is undone; then Django says that the transaction is broken
DATABASE_AWAY = (OperationalError, InterfaceError, transaction.TransactionManagementError)


@dataclass(frozen=True, slots=True)
class Lease:
    """One order to poll."""

    pk: int
    activation_id: str
    due_at: datetime
    has_trouble: bool  # marks that a good answer removes


@dataclass(frozen=True, slots=True)
class Answer:
    lease: Lease
    result: legitsms.Status | LegitSMSError
    sent_at: datetime

    @property
    def is_unchanged(self) -> bool:
        """Still waiting, and nothing else to record: many such rows are one UPDATE."""
        return isinstance(self.result, legitsms.Waiting) and not self.lease.has_trouble


@cache
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="poll")


def sweep(upstream: Upstream, client: Client) -> None:
    """Poll every order of `upstream` that is due, and record the answers."""
    leases = lease_due(upstream)
    pending = {threads().submit(poll, upstream, client, lease): lease for lease in leases}
    detach_at = monotonic() + SWEEP_TIMEOUT
    while pending and monotonic() < detach_at:
        done, _ = wait(pending, timeout=BATCH_WAIT)
        record(upstream, [future.result() for future in done])
        pending = {future: lease for future, lease in pending.items() if future not in done}
    detach(upstream, pending)


def lease_due(upstream: Upstream) -> list[Lease]:
    """Lease the due orders by moving their next poll on. While the key is refused, one probe every 30 s."""
    now = timezone.now()
    due = Order.objects.due(now).filter(upstream=upstream).order_by("next_poll_at", "pk")
    if not due.exists():
        return []
    limit = CHUNK
    if ProviderHealth.for_upstream(upstream).bad_key_since:
        limit = int(ProviderHealth.lease_probe(upstream))
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True)[:limit]  # SQLite has no row locks; its transaction is one itself
        fields = ("pk", "activation_id", "next_poll_at", "is_unchecked", "unknown_times")
        leases = [
            Lease(pk, activation_id, due_at, bool(is_unchecked or unknown_times))
            for pk, activation_id, due_at, is_unchecked, unknown_times in rows.values_list(*fields)
        ]
        Order.objects.filter(pk__in=[lease.pk for lease in leases]).lease(now)
    return leases


def poll(upstream: Upstream, client: Client, lease: Lease) -> Answer:
    sent_at = timezone.now()
    try:
        return Answer(lease, request_status(upstream, lease.activation_id, client), sent_at)
    except LegitSMSError as fault:
        return Answer(lease, fault, sent_at)
    except Exception as fault:
        log.exception("order %s could not be polled", lease.pk)
        return Answer(lease, legitsms.Uncertain(type(fault).__name__), sent_at)


def record(upstream: Upstream, batch: list[Answer]) -> None:
    """Record a batch of batch: codes first, then other changes, then all that are unchanged in one UPDATE."""
    if not batch:
        return
    for answer in sorted(batch, key=lambda answer: not isinstance(answer.result, legitsms.Code)):
        if not answer.is_unchanged:
            record_change(answer)
    record_unchanged([answer for answer in batch if answer.is_unchanged])
    keep_distance(batch)
    faults = [answer.result if isinstance(answer.result, LegitSMSError) else None for answer in batch]
    record_health(upstream, min(faults, key=severity))


def record_change(answer: Answer) -> None:
    """Record what one answer changes. A fault with it delays no other order.

    Tried again where the database ended the connection: the next answer may hold a second code instead of this one.
    """
    for tries_left in (1, 0):
        try:
            record_one(Order.objects.get(pk=answer.lease.pk), answer.result)
        except DATABASE_AWAY:
            if tries_left and not connection.is_usable():
                connection.close()
                continue
            log.exception("the answer about order %s could not be stored; it is polled again", answer.lease.pk)
        except Exception:
            log.exception("the answer about order %s could not be recorded; it is postponed", answer.lease.pk)
            answers.postpone(answer.lease.pk)
        return


def record_one(order: Order, result: legitsms.Status | LegitSMSError) -> None:
    try:
        match result:
            case LegitSMSError() if not order.is_open:
                pass  # only a code would still matter
            case legitsms.NoActivation():
                answers.record_no_activation(order)
            case legitsms.BadKey():
                pass  # a fault of the key, not of the order
            case LegitSMSError():
                answers.record_no_answer(order, describe(result))
            case legitsms.Closed() if order.is_sending_action:
                pass  # perhaps the effect of our own cancel, whose answer will say whether it was refunded
            case _:
                answers.record_status(order, result)
    except StaleOrder:
        pass  # it ended while the answer was under way


def record_unchanged(batch: list[Answer]) -> None:
    now = timezone.now()
    rows = Order.objects.filter(pk__in=[answer.lease.pk for answer in batch])
    rows.update(polled_at=now, poll_failures=0)


def keep_distance(batch: list[Answer]) -> None:
    late = [answer.lease.pk for answer in batch if answer.sent_at - answer.lease.due_at > GRID_SLACK]
    if late:
        Order.objects.filter(pk__in=late).keep_distance(timezone.now())


def severity(fault: LegitSMSError | None) -> int:
    """A refused key says most; an answer says more than none, since one order without an answer is no outage."""
    if isinstance(fault, legitsms.BadKey):
        return 0
    return 2 if isinstance(fault, legitsms.NotSent | legitsms.Uncertain) else 1


def detach(upstream: Upstream, pending: dict[Future[Answer], Lease]) -> None:
    """Stop waiting for the missing answers: each is recorded by its own thread when it comes.

    These orders are not polled again before the deadline. Those that found no free thread are not polled late, but
    when they are due again.
    """
    running = {future: lease for future, lease in pending.items() if not future.cancel()}
    slow = Order.objects.filter(pk__in=[lease.pk for lease in running.values()])
    if running:
        now = timezone.now()
        slow.filter(next_poll_at__isnull=False).update(next_poll_at=now + DEADLINE, asked_at=now)
    for future in running:
        future.add_done_callback(partial(record_late, upstream))


def record_late(upstream: Upstream, future: Future[Answer]) -> None:
    try:
        record(upstream, [future.result()])
    finally:
        connection.close()  # this thread's own


def sweep_all(clients: Iterable[tuple[Upstream, Client]]) -> None:
    for upstream, client in clients:
        sweep(upstream, client)
