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
from legitsms import LegitSMSError
from orders.intervals import GRID_SLACK
from orders.lifecycle import answers
from orders.models import Order, StaleOrder
from orders.worker.poll_leases import Lease as Lease
from orders.worker.poll_leases import lease_due as lease_due
from orders.worker.poll_leases import release
from orders.worker.status_requests import describe, record_health, request_status
from provider.choices import Upstream
from provider.paced_client import NoSlot, PacedClient

log = logging.getLogger(__name__)
THREADS = 64
BATCH_WAIT = 0.1  # seconds in which answers are collected before they are recorded
SWEEP_TIMEOUT = 2.5  # seconds a sweep waits for slow answers; later ones are recorded as they come
DEADLINE = timedelta(seconds=8)  # of one getStatus, set by the client
# A connection may also end while a savepoint is undone; then Django says that the transaction is broken
DATABASE_AWAY = (OperationalError, InterfaceError, transaction.TransactionManagementError)


@dataclass(frozen=True, slots=True)
class Answer:
    lease: Lease
    result: legitsms.Status | LegitSMSError | NoSlot
    sent_at: datetime

    @property
    def is_unchanged(self) -> bool:
        """Still waiting, and nothing else to record: many such rows are one UPDATE."""
        return isinstance(self.result, legitsms.Waiting) and not self.lease.has_trouble


@cache
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="poll")


def sweep(upstream: Upstream, client: PacedClient) -> None:
    """Poll every order of `upstream` that is due, and record the answers."""
    leases = lease_due(upstream, client.take if client.is_limited else None)
    pending = {threads().submit(poll, upstream, client, lease): lease for lease in leases}
    detach_at = monotonic() + SWEEP_TIMEOUT
    while pending and monotonic() < detach_at:
        done, _ = wait(pending, timeout=BATCH_WAIT)
        record(upstream, [future.result() for future in done])
        pending = {future: lease for future, lease in pending.items() if future not in done}
    detach(upstream, pending)


def poll(upstream: Upstream, client: PacedClient, lease: Lease) -> Answer:
    sent_at = timezone.now()
    try:
        return Answer(lease, request_status(upstream, lease.activation_id, client), sent_at)
    except (LegitSMSError, NoSlot) as fault:
        return Answer(lease, fault, sent_at)
    except Exception as fault:
        log.exception("order %s could not be polled", lease.pk)
        return Answer(lease, legitsms.Uncertain(type(fault).__name__), sent_at)


def record(upstream: Upstream, batch: list[Answer]) -> None:
    """Record a batch of answers: codes first, then other changes, then all that are unchanged in one UPDATE."""
    release([answer.lease for answer in batch if isinstance(answer.result, NoSlot)])
    batch = [answer for answer in batch if not isinstance(answer.result, NoSlot)]
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


def record_one(order: Order, result: legitsms.Status | LegitSMSError | NoSlot) -> None:
    try:
        match result:
            case legitsms.RateLimited():
                pass  # it costs the order this turn
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
            case legitsms.Waiting() | legitsms.Code() | legitsms.Closed():
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


def sweep_all(clients: Iterable[tuple[Upstream, PacedClient]]) -> None:
    for upstream, client in clients:
        sweep(upstream, client)
