"""From the request to the number: `REQUESTED` → `BUYING` → `WAITING`, `REFUSED` or `UNCLEAR`."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from legitsms import Number
from orders import failpoints
from orders.intervals import BUY_WITHIN, POLL_EVERY, cancel_delay
from orders.lifecycle import closing, transitions
from orders.models import NOT_BOUGHT, WAITS_FOR_TURN, Order, Purchase, StaleOrder
from provider import upstream
from team.models import User
from team.roles import BUY

CONNECT_TRIES = 3
TURN_PAUSE = timedelta(seconds=1)
GOLDEN_RATIO = 0.618  # multiples of it, modulo 1, spread evenly over an interval
Status = Order.Status


def request_number(purchase: Purchase, ordinal: int, **fields: Any) -> Order:
    """Create the request for one number of `purchase`; call it in the purchase's own transaction."""
    part = {"purchase": purchase, "ordinal": ordinal, "owner": purchase.buyer}
    order = Order(**part, **fields, not_after=timezone.now() + BUY_WITHIN, upstream=upstream.current())
    order.save(force_insert=True)
    transitions.record_event(order, "requested", order.status, purchase.buyer)
    if order.replaces:
        transitions.change(order.replaces, "replaced", purchase.buyer)
    return order


def start_buying(order: Order) -> None:
    """Lease the purchase, so that only one worker ever sends it, and only while its owner may buy.

    Raises `StaleOrder` where another worker was first, it is too late, or the owner lost the permission.
    """
    now = timezone.now()
    is_due = Q(not_after__gt=now, next_attempt_at__lte=now, owner__in=User.with_permission(BUY))
    lease: dict[str, Any] = {"attempt": order.intent, "buying_at": now}
    transitions.move(order, [Status.REQUESTED], Status.BUYING, only_if=is_due, **lease)


def confirm_buying(order: Order) -> None:
    """Check once more, after the wait for a slot, what `start_buying` checked, and count the purchase from now.

    Raises `StaleOrder` where it must not be sent any more; the order is ended then, unless somebody else did it.
    """
    now = timezone.now()
    lease = Order.objects.filter(pk=order.pk, status=Status.BUYING, attempt=order.attempt)
    permitted = lease.filter(not_after__gt=now, cancel_at=None, owner__in=User.with_permission(BUY))
    if permitted.update(buying_at=now):
        order.buying_at = now
        return
    order.refresh_from_db()
    if order.status == Status.BUYING:
        why = closing.WITHDRAWN if order.cancel_at else "too old" if order.not_after <= now else "permission"
        record_refusal(order, why)
    raise StaleOrder(f"order {order.pk} must not be bought any more")


def wait_for_turn(order: Order) -> None:
    """Nothing was sent, since no request was allowed in time: try again until `not_after`. It is no failure."""
    request_again(order, WAITS_FOR_TURN, TURN_PAUSE, outcome=WAITS_FOR_TURN)


@transaction.atomic
def request_again(order: Order, why: str, pause: timedelta, outcome: str = "", **fields: Any) -> None:
    """Make an order of which nothing was sent due again after `pause`. With a cancel requested, end it instead."""
    retry: dict[str, Any] = {"outcome": outcome, "next_attempt_at": timezone.now() + pause}
    transitions.move(order, [Status.BUYING], Status.REQUESTED, detail=why, **retry | fields)
    if order.cancel_at:
        refuse_unsent(order, closing.WITHDRAWN)


def resume_from_journal(order: Order) -> None:
    """Mark a request as sent, because the journal knows its answer: this row is from an older backup."""
    known: dict[str, Any] = {"attempt": order.intent, "buying_at": order.requested_at}
    transitions.move(order, [Status.REQUESTED], Status.BUYING, detail="journal", **known)


def return_to_queue(order: Order, why: str) -> None:
    """Nothing was sent: try again in 1, 2, 4 seconds, then give up."""
    if order.connect_failures + 1 >= CONNECT_TRIES:
        record_refusal(order, "certificate" if why == "certificate" else "unreachable")
        return
    pause = timedelta(seconds=2**order.connect_failures)
    request_again(order, why, pause, connect_failures=F("connect_failures") + 1)


def record_refusal(order: Order, word: str) -> None:
    """LegitSMS, or the desk before anything was sent, refused: nothing was bought."""
    transitions.end(order, [Status.BUYING, Status.REQUESTED], Status.REFUSED, detail=word, outcome=word)


def refuse_unsent(order: Order, word: str, actor: User | None = None) -> None:
    """End a request that no worker has leased."""
    transitions.end(order, [Status.REQUESTED], Status.REFUSED, actor, detail=word, outcome=word)


def record_unclear(order: Order, detail: str) -> None:
    """Nobody knows whether a number was bought: it is never sent again, and a person settles it."""
    transitions.move(order, [Status.BUYING], Status.UNCLEAR, detail=detail, outcome=detail)


@transaction.atomic
def record_number(order: Order, number: Number, attempt: uuid.UUID | str | None) -> None:
    """Store the number of this very attempt, however late it is known, and cancel the one that it replaces."""
    is_undecided = ~Q(status=Status.REFUSED) | Q(outcome=NOT_BOUGHT)
    transitions.move(
        order,
        [Status.BUYING, Status.UNCLEAR, Status.REFUSED],
        Status.WAITING,
        only_if=Q(attempt=attempt) & is_undecided,
        **bought_fields(order, number, order.buying_at),
    )
    closing.cancel_replaced(order, order.owner)
    failpoints.hit("before_commit")


def bought_fields(order: Order, number: Number, at: datetime | None) -> dict[str, Any]:
    """The fields of a number that was bought `at`. Each order's polls start at a phase of its own."""
    now = timezone.now()
    bought_at = at or now
    return {
        "activation_id": number.activation_id,
        "phone": number.phone,
        "bought_at": bought_at,
        "cancel_at": Case(When(cancel_at__isnull=False, then=bought_at + cancel_delay(order.upstream))),
        "outcome": "",
        "ended_at": None,
        "hidden_at": None,
        "poll_every": POLL_EVERY,
        "next_poll_at": now + POLL_EVERY * (order.pk * GOLDEN_RATIO % 1),
    }
