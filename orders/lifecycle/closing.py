"""What people request of a bought number. A worker sends the cancel or finish when LegitSMS allows it."""

from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from orders.intervals import CANCEL_RETRY_PAUSES, FINISH_RETRY_PAUSES, MIN_POLL_DISTANCE, SENDING_TIMEOUT
from orders.lifecycle import transitions
from orders.models import Order, OrderEvent, StaleOrder
from provider import budget
from team.models import User

WITHDRAWN = "withdrawn"
TURN_PAUSE = timedelta(seconds=3)
ENQUEUE_TAKES = timedelta(seconds=2)  # recovery enqueues due actions every second
Status = Order.Status


def withdraw(order: Order, actor: User) -> None:
    """Take back a request before anything is sent; the rest of the purchase is then not bought either."""
    withdrawn = {"detail": WITHDRAWN, "outcome": WITHDRAWN}
    transitions.end(order, [Status.REQUESTED], Status.REFUSED, actor, **withdrawn)


def request_cancel(order: Order, actor: User | None) -> None:
    """Cancel as soon as LegitSMS allows it. A code that comes first wins.

    While the number is still being bought only the request is kept; its time is set when the number is here.
    """
    at = max(order.cancellable_at or timezone.now(), timezone.now())
    is_possible = Q(status__in=[Status.BUYING, Status.WAITING], cancel_at=None)
    transitions.change(order, "cancel requested", actor, only_if=is_possible, cancel_at=at)


def cancel_before_end(order: Order) -> None:
    """Cancel before the number's expected end: only a cancel is documented to refund. A person may undo it."""
    is_possible = Q(status=Status.WAITING, cancel_at=None)
    transitions.change(order, "cancel before end", only_if=is_possible, cancel_at=timezone.now())


def undo_cancel(order: Order, actor: User) -> None:
    """Take a requested cancel back, unless it is being sent."""
    is_possible = Q(status=Status.WAITING, cancel_at__isnull=False, is_sending_action=False)
    transitions.change(order, "cancel undone", actor, only_if=is_possible, cancel_at=None)


def request_finish(order: Order, actor: User) -> None:
    is_possible = Q(status=Status.RECEIVED, finish_at=None)
    transitions.change(order, "finish requested", actor, only_if=is_possible, finish_at=timezone.now())


def hide(order: Order, actor: User) -> None:
    """Take an ended order off everybody's board before its time."""
    is_possible = Q(ended_at__isnull=False, hidden_at=None)
    transitions.change(order, "hidden", actor, only_if=is_possible, hidden_at=timezone.now())


def record_copy(order: Order, actor: User) -> None:
    """Record that `actor` copied the code; the card shows it to the others."""
    transitions.change(order, "copied", actor, copied_by=actor, copied_at=timezone.now())


def record_reveal(order: Order, actor: User) -> None:
    """Record that `actor` revealed a masked code. The order itself does not change."""
    revealed = {"order_id": order.pk, "what": "revealed", "source": order.status, "target": order.status}
    OrderEvent.objects.create(**revealed, actor=actor)


def start_sending(order: Order) -> None:
    """Lease the due cancel or finish and pause polling; retried if this worker dies.

    Raises `StaleOrder` where another worker was first, the request was taken back, or a poll was sent just before.
    """
    now = timezone.now()
    is_finish = order.status == Status.RECEIVED
    status, action = (order.status, "finish") if is_finish else (Status.WAITING, "cancel")
    due = Q(status=status, **{f"{action}_at__lte": now})
    just_polled = Q(asked_at__isnull=False, asked_at__gt=now - MIN_POLL_DISTANCE)
    delay_after_poll(order, due & just_polled, f"{action}_at")
    turn = budget.longest_wait(order.upstream)
    retry_at = (
        now + turn + retry_pause(order, f"{action} sent", FINISH_RETRY_PAUSES if is_finish else CANCEL_RETRY_PAUSES)
    )
    sending: dict[str, Any] = {"asked_at": now, "next_poll_at": if_polled(Value(now + turn + SENDING_TIMEOUT))}
    sending |= {f"{action}_at": retry_at, "is_sending_action": True}
    transitions.change(order, f"{action} sent", only_if=due & ~just_polled, **sending)


def stop_sending(order: Order, what: str, detail: str, **fields: Any) -> None:
    """Release the lease of `start_sending`. The request itself stays; polling goes on."""
    now = timezone.now()
    if order.status == Status.WAITING:
        fields |= {"next_poll_at": now + order.poll_every, "asked_at": now}
    transitions.change(order, what, detail=detail, only_if=Q(status=order.status), is_sending_action=False, **fields)


def wait_for_turn(order: Order) -> None:
    """Nothing was sent, since no request was allowed in time: the action is due again in a moment."""
    at = timezone.now() + TURN_PAUSE
    fields = {"finish_at": at} if order.status == Status.RECEIVED else {"cancel_at": at}
    stop_sending(order, "waits for turn", "", **fields)


def cancel_replaced(order: Order, actor: User) -> None:
    """Cancel the number that `order` was bought to replace, if that was requested and it still waits.

    Recorded without an actor where `actor` may not act on it any more: they could when they requested it.
    """
    if order.replaces and order.cancels_replaced:
        may = Order.objects.actionable_by(actor).filter(pk=order.replaces.pk).exists()
        with suppress(StaleOrder):  # it has a code, or has ended
            request_cancel(order.replaces, actor if may else None)


def retry_pause(order: Order, sent: str, pauses: list[timedelta]) -> timedelta:
    """How long to wait for the effect of one more sending: longer each time."""
    times = OrderEvent.objects.filter(order_id=order.pk, what=sent).count()
    return pauses[min(times, len(pauses) - 1)]


def delay_after_poll(order: Order, due: Q, action_at: str) -> None:
    """Delay an action that would be sent too soon after a poll, and the next poll until after the action."""
    apart = F("asked_at") + MIN_POLL_DISTANCE
    delayed = {action_at: apart, "next_poll_at": if_polled(apart + ENQUEUE_TAKES)}
    Order.objects.filter(due, pk=order.pk).update(**delayed)


def if_polled(at: Any) -> Case:
    """Move the next poll to `at`; an order that is not polled any more stays so."""
    return Case(When(next_poll_at__isnull=False, then=at), output_field=models.DateTimeField())
