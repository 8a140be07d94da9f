"""Asking LegitSMS about every open number: claim what is due, ask on many threads, write what came in at once.

The row is the lease: `next_poll_at` moves on before the question leaves, so a second worker finds nothing to do, and a
killed worker's rows come round again one interval later.
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
from catalog.upstream import Upstream
from legitsms import Client, LegitSMSError
from orders.hearing import Heard, hear, note_weather, read_status, words_of
from orders.models import Order, StaleOrder, Weather
from orders.models.queries import GRID_SLACK

log = logging.getLogger(__name__)
CHUNK = 250  # rows a claim
THREADS = 64
GATHER = 0.1  # seconds in which answers come together before they are written
PATIENCE = 2.5  # seconds a sweep stays for slow answers; later ones are written as they come
DEADLINE = timedelta(seconds=8)  # of one getStatus, by the client's contract
# A connection may also end while a savepoint is undone; then Django says that the transaction is broken
DATABASE_AWAY = (OperationalError, InterfaceError, transaction.TransactionManagementError)


@dataclass(frozen=True, slots=True)
class Claim:
    """One order to ask about."""

    pk: int
    activation_id: str
    due_at: datetime
    is_odd: bool  # it carries a sign of trouble that a good answer takes away


@dataclass(frozen=True, slots=True)
class Answer:
    claim: Claim
    heard: Heard
    sent_at: datetime

    @property
    def is_plain(self) -> bool:
        return isinstance(self.heard, legitsms.Waiting) and not self.claim.is_odd


@cache
def threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(THREADS, thread_name_prefix="poll")


def sweep(upstream: Upstream, client: Client) -> None:
    """Ask about every order of `upstream` that is due, and record the answers."""
    claims = claim_due(upstream)
    pending = {threads().submit(ask, upstream, client, claim): claim for claim in claims}
    leave_at = monotonic() + PATIENCE
    while pending and monotonic() < leave_at:
        done, _ = wait(pending, timeout=GATHER)
        record(upstream, [future.result() for future in done])
        pending = {future: claim for future, claim in pending.items() if future not in done}
    leave(upstream, pending)


def claim_due(upstream: Upstream) -> list[Claim]:
    """Take the orders that are due, moving each one's next poll on. With a refused key, one probe now and then."""
    now = timezone.now()
    due = Order.objects.due(now).filter(upstream=upstream).order_by("next_poll_at", "pk")
    if not due.exists():
        return []
    limit = CHUNK
    if Weather.of(upstream).bad_key_since:
        limit = int(Weather.may_probe(upstream))
    with transaction.atomic():
        rows = due.select_for_update(skip_locked=True)[:limit]  # SQLite has no row locks; its transaction is one itself
        signs = ("pk", "activation_id", "next_poll_at", "is_unchecked", "unknown_times")
        claims = [Claim(pk, sms, at, bool(odd or times)) for pk, sms, at, odd, times in rows.values_list(*signs)]
        Order.objects.filter(pk__in=[claim.pk for claim in claims]).lease(now)
    return claims


def ask(upstream: Upstream, client: Client, claim: Claim) -> Answer:
    sent_at = timezone.now()
    try:
        return Answer(claim, read_status(upstream, claim.activation_id, client), sent_at)
    except LegitSMSError as fault:
        return Answer(claim, fault, sent_at)
    except Exception as fault:
        log.exception("order %s could not be asked about", claim.pk)
        return Answer(claim, legitsms.Uncertain(type(fault).__name__), sent_at)


def record(upstream: Upstream, answers: list[Answer]) -> None:
    """Write a batch of answers: codes first, then other news, then the many that say «still waiting», in one UPDATE."""
    if not answers:
        return
    for answer in sorted(answers, key=lambda answer: not isinstance(answer.heard, legitsms.Code)):
        if not answer.is_plain:
            record_news(answer)
    record_plain([answer for answer in answers if answer.is_plain])
    keep_distance(answers)
    faults = [answer.heard if isinstance(answer.heard, LegitSMSError) else None for answer in answers]
    note_weather(upstream, min(faults, key=severity))


def record_news(answer: Answer) -> None:
    """What one order has to tell. Whatever goes wrong with it holds no other order back.

    Tried again where the database ended the connection: asked later, LegitSMS may have a second code, and the first no
    more.
    """
    for tries_left in (1, 0):
        try:
            record_one(Order.objects.get(pk=answer.claim.pk), answer.heard)
        except DATABASE_AWAY:
            if tries_left and not connection.is_usable():
                connection.close()
                continue
            log.exception(
                "the database did not take the answer about order %s; it will be asked again", answer.claim.pk
            )
        except Exception:
            log.exception(
                "the answer about order %s could not be recorded; it is set aside for a while", answer.claim.pk
            )
            Order.set_aside(answer.claim.pk)
        return


def record_one(order: Order, heard: Heard) -> None:
    try:
        match heard:
            case LegitSMSError() if not order.is_open:
                pass  # only a code would still matter
            case legitsms.NoActivation():
                order.record_unknown()
            case legitsms.BadKey():
                pass  # the key's trouble, not the order's
            case LegitSMSError():
                order.record_silence(words_of(heard))
            case legitsms.Closed() if order.is_closing:
                pass  # perhaps our own cancel's doing: its answer, which is under way, knows about the refund
            case _:
                hear(order, heard)
    except StaleOrder:
        pass  # it was closed while the answer was under way


def record_plain(answers: list[Answer]) -> None:
    now = timezone.now()
    rows = Order.objects.filter(pk__in=[answer.claim.pk for answer in answers])
    rows.update(polled_at=now, poll_failures=0)


def keep_distance(answers: list[Answer]) -> None:
    late = [answer.claim.pk for answer in answers if answer.sent_at - answer.claim.due_at > GRID_SLACK]
    if late:
        Order.objects.filter(pk__in=late).keep_distance(timezone.now())


def severity(fault: LegitSMSError | None) -> int:
    """A refused key says most; an answer says more than silence, since one silent order does not make an outage."""
    if isinstance(fault, legitsms.BadKey):
        return 0
    return 2 if isinstance(fault, legitsms.NotSent | legitsms.Uncertain) else 1


def leave(upstream: Upstream, pending: dict[Future[Answer], Claim]) -> None:
    """Go on without the answers that are still missing; each is written by its own thread when it comes.

    Nobody asks the same again before the deadline. What found no free thread is not asked late, but when its turn
    comes round again.
    """
    asked = {future: claim for future, claim in pending.items() if not future.cancel()}
    slow = Order.objects.filter(pk__in=[claim.pk for claim in asked.values()])
    if asked:
        now = timezone.now()
        slow.filter(next_poll_at__isnull=False).update(next_poll_at=now + DEADLINE, asked_at=now)
    for future in asked:
        future.add_done_callback(partial(record_late, upstream))


def record_late(upstream: Upstream, future: Future[Answer]) -> None:
    try:
        record(upstream, [future.result()])
    finally:
        connection.close()  # this thread's own


def sweep_all(clients: Iterable[tuple[Upstream, Client]]) -> None:
    for upstream, client in clients:
        sweep(upstream, client)
