"""An unclear purchase, as a person reports it: bought, not bought, or written off."""

from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from legitsms import Number
from orders.intervals import CHECK_EVERY
from orders.lifecycle import answers, buying, closing, transitions
from orders.models import NOT_BOUGHT, WRITTEN_OFF, Order, StaleOrder
from provider import budget
from team.models import User

Status = Order.Status


def report_bought(order: Order, actor: User, number: Number) -> None:
    """Store what a person saw on LegitSMS's own site, until LegitSMS confirms that it knows the order."""
    report = {"reported_id": number.activation_id, "reported_phone": number.phone, "reported_by": actor}
    is_unclear = Q(status=Status.UNCLEAR)
    due = {"next_poll_at": timezone.now()}
    transitions.change(
        order, "reported bought", actor, detail=number.activation_id, only_if=is_unclear, **due, **report
    )


def start_checking(order: Order) -> None:
    """Lease the check of the report; repeated if there is no answer. Raises `StaleOrder` where it is not due."""
    now = timezone.now()
    rows = Order.objects.reported_bought(now).filter(pk=order.pk)
    if not rows.update(next_poll_at=now + CHECK_EVERY + budget.longest_wait(order.upstream)):
        raise StaleOrder(f"order {order.pk}: nothing to check now")
    order.refresh_from_db()


def reject_report(order: Order, why: str) -> None:
    """LegitSMS does not know the reported ID, or another order has it."""
    outcome = f"{why}: {order.reported_id}"
    is_same = Q(status=Status.UNCLEAR, reported_id=order.reported_id)
    rejected: dict[str, Any] = {"reported_id": "", "outcome": outcome, "next_poll_at": None}
    transitions.change(order, "report rejected", detail=outcome, only_if=is_same, **rejected)


@transaction.atomic
def settle_bought(order: Order, actor: User, number: Number) -> None:
    """LegitSMS knows what `actor` reported. Recorded without an actor where they may not settle it any more."""
    may = Order.objects.settleable_by(actor).filter(pk=order.pk).exists()
    bought = buying.bought_fields(order, number, order.buying_at)
    transitions.move(order, [Status.UNCLEAR], Status.WAITING, actor if may else None, **bought)
    closing.cancel_replaced(order, actor)


def settle_not_bought(order: Order, actor: User) -> None:
    transitions.end(order, [Status.UNCLEAR], Status.REFUSED, actor, outcome=NOT_BOUGHT)


def write_off(order: Order, actor: User) -> None:
    written_off: dict[str, Any] = {"outcome": WRITTEN_OFF, "refund": Order.Refund.UNCONFIRMED}
    polled_on = answers.polled_on_fields() if order.activation_id else {}
    transitions.end(order, [Status.UNCLEAR], Status.CLOSED, actor, **written_off | polled_on)
