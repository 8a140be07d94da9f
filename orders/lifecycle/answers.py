"""What LegitSMS answers about a bought number, recorded on its order."""

import contextlib
import random
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

import legitsms
from orders import failpoints
from orders.intervals import (
    LONGEST_POSTPONEMENT,
    LONGEST_RETRY,
    POLL_ENDED_EVERY,
    POLL_ENDED_FOR,
    POLL_EVERY,
    POLL_RECEIVED_EVERY,
    POLL_UNKNOWN_EVERY,
    UNCHECKED_AFTER,
    UNKNOWN_FOR,
    UNKNOWN_TIMES,
)
from orders.lifecycle import transitions
from orders.models import Code, Order, OrderEvent, StaleOrder
from provider import budget

NOT_RECORDED = "not recorded"  # the `problem` of an order whose answer could not be stored
Status = Order.Status


def record_status(order: Order, status: legitsms.Status) -> bool:
    """Record what getStatus answered. True if that settles the order: a code is here, or upstream has closed it."""
    match status:
        case legitsms.Code(text=text):
            record_code(order, text)
        case legitsms.Closed() if order.status == Status.WAITING:
            record_closed(order)
        case legitsms.Closed() if not order.is_open:
            record_still_waiting(order)
        case legitsms.Closed():  # never touches a code that is already here
            transitions.change(order, "ended upstream", detail="STATUS_CANCEL", next_poll_at=None)
        case legitsms.Waiting():
            record_still_waiting(order)
            return False
    return True


@transaction.atomic
def record_code(order: Order, text: str) -> None:
    """Store a received text before anything else is done; a different text later is a second message."""
    _, is_new = Code.objects.get_or_create(order_id=order.pk, text=text)
    if not is_new:
        record_still_waiting(order)
        return
    now = timezone.now()
    try:
        transitions.move(
            order,
            [Status.WAITING, Status.CANCELLED, Status.CLOSED],
            Status.RECEIVED,
            **checked_fields(),
            received_at=now,
            ended_at=None,
            hidden_at=None,
            refund="",
            outcome="",
            cancel_at=None,
            is_sending_action=False,
            ask_until=None,
            poll_every=POLL_RECEIVED_EVERY,
            next_poll_at=now + POLL_RECEIVED_EVERY,
        )
    except StaleOrder:
        transitions.change(order, "another code", **checked_fields())
    failpoints.hit("code_before_commit")


def record_closed(order: Order) -> None:
    """STATUS_CANCEL: over, without a word about the money. With a cancel requested, polled on for a while."""
    polled_on = polled_on_fields() if order.cancel_at else {}
    closed = {"detail": "STATUS_CANCEL", "refund": Order.Refund.UNCONFIRMED}
    transitions.end(order, [Status.WAITING], Status.CLOSED, **closed | polled_on)


def record_cancelled(order: Order) -> None:
    """ACCESS_CANCEL: the only answer that promises the money back."""
    refund = Order.Refund.CONFIRMED
    transitions.end(order, [Status.WAITING], Status.CANCELLED, detail="ACCESS_CANCEL", refund=refund)


def record_finished(order: Order, detail: str) -> None:
    """Finished; polled on for a while, since one more code may have come just before."""
    transitions.end(order, [Status.RECEIVED], Status.FINISHED, detail=detail, **polled_on_fields())


def record_still_waiting(order: Order) -> None:
    """A good answer without news. After trouble the card says so, and the usual poll interval is restored."""
    if order.is_unchecked or order.unknown_times:
        usual = {Status.WAITING: POLL_EVERY, Status.RECEIVED: POLL_RECEIVED_EVERY}
        every = usual.get(Status(order.status), POLL_ENDED_EVERY)
        transitions.change(order, "checked again", **checked_fields(), poll_every=every)
    else:
        Order.objects.filter(pk=order.pk).update(polled_at=timezone.now(), poll_failures=0, problem="")


def record_no_answer(order: Order, detail: str) -> None:
    """No answer, or one that is not in the protocol: poll again with back-off; after 30 s the card says so."""
    jitter = random.uniform(1, 1.2)  # noqa: S311
    pause = min(POLL_EVERY * 2 ** min(order.poll_failures, 5), LONGEST_RETRY) * jitter
    now = timezone.now()
    polled = Order.objects.filter(pk=order.pk, next_poll_at__isnull=False)
    polled.update(poll_failures=F("poll_failures") + 1, problem=detail[:300], next_poll_at=now + pause)
    if detail[:300] != order.problem:
        transitions.change(order, "answer", detail=detail)
    if not order.is_unchecked and now - (order.polled_at or order.bought_at or now) > unchecked_after(order):
        transitions.change(order, "not checked", only_if=Q(is_unchecked=False), is_unchecked=True)


def unchecked_after(order: Order) -> timedelta:
    """Three times the time between two polls of one order that the budget of requests allows, 30 s at least."""
    if not (interval := budget.interval(order.upstream)):
        return UNCHECKED_AFTER
    waiting = Order.objects.filter(upstream=order.upstream, status=Status.WAITING).count()
    return max(UNCHECKED_AFTER, 3 * interval * waiting)


def record_no_activation(order: Order) -> None:
    """NO_ACTIVATION ends nothing: after three over a minute the order needs attention, and is polled slowly."""
    now = timezone.now()
    since = order.unknown_since or now
    Order.objects.filter(pk=order.pk).update(unknown_times=F("unknown_times") + 1, unknown_since=since, polled_at=now)
    if order.unknown_times + 1 >= UNKNOWN_TIMES and now - since >= UNKNOWN_FOR:
        flag_for_attention(order, POLL_UNKNOWN_EVERY)


def flag_for_attention(order: Order, poll_every: timedelta) -> None:
    flagged: dict[str, Any] = {"needs_attention": True, "poll_every": poll_every}
    with contextlib.suppress(StaleOrder):
        transitions.change(order, "needs attention", only_if=Q(needs_attention=False), **flagged)


@transaction.atomic
def postpone(pk: int) -> None:
    """Poll an order again in 1, 2, 4 … minutes, at most an hour, because its answer cannot be recorded."""
    row = Order.objects.filter(pk=pk)
    failures, status = row.values_list("poll_failures", "status").get()  # the whole row might not even be readable
    pause = min(timedelta(minutes=2 ** min(failures, 6)), LONGEST_POSTPONEMENT)
    fields = {"next_poll_at": timezone.now() + pause, "needs_attention": True, "problem": NOT_RECORDED}
    row.update(version=F("version") + 1, poll_failures=F("poll_failures") + 1, **fields)
    OrderEvent.objects.create(order_id=pk, what="postponed", source=status, target=status)


def polled_on_fields() -> dict[str, Any]:
    """The fields of an order that ends although it is not certain that no code will come."""
    now = timezone.now()
    every = POLL_ENDED_EVERY
    return {"poll_every": every, "next_poll_at": now + every, "ask_until": now + POLL_ENDED_FOR}


def checked_fields() -> dict[str, Any]:
    """The fields of an order about which LegitSMS has just given a good answer."""
    trouble = {"problem": "", "is_unchecked": False, "needs_attention": False, "unknown_since": None}
    return {**trouble, "poll_failures": 0, "unknown_times": 0, "polled_at": timezone.now()}
