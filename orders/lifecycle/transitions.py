"""The one way in which an order changes: a conditional UPDATE, an OrderEvent, and `order_changed` on commit."""

from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import Order, OrderEvent, StaleOrder
from orders.signals import order_changed
from team.models import User

Status = Order.Status


@transaction.atomic
def change(
    order: Order, what: str, actor: User | None = None, *, detail: str = "", only_if: Q | None = None, **fields: Any
) -> None:
    """Change something besides the status, and record the event `what`.

    Raises `StaleOrder`, and changes nothing, where `only_if` no longer holds.
    """
    row = Order.objects.filter(only_if or Q(), pk=order.pk)
    if not row.update(version=F("version") + 1, **fields):
        raise StaleOrder(f"order {order.pk}: too late for «{what}»")
    order.refresh_from_db()
    record_event(order, what, order.status, actor, detail)


@transaction.atomic
def move(
    order: Order,
    sources: list[Status],
    target: Status,
    actor: User | None = None,
    *,
    detail: str = "",
    only_if: Q | None = None,
    **fields: Any,
) -> None:
    """Change status in one UPDATE that only the first of two racing processes wins.

    Raises `StaleOrder`, and changes nothing, where the status is none of `sources` or `only_if` does not hold.
    """
    # Locked where the database can: an end and a code at the same moment must not both find the order waiting
    locked = Order.objects.select_for_update(no_key=True).filter(pk=order.pk)
    source = locked.values_list("status", flat=True).get()
    row = Order.objects.filter(only_if or Q(), pk=order.pk, status=source)
    if source not in sources or not row.update(status=target, version=F("version") + 1, **fields):
        raise StaleOrder(f"order {order.pk} is {source}, too late for {target}")
    order.refresh_from_db()
    record_event(order, "moved", source, actor, detail)


def end(order: Order, sources: list[Status], target: Status, actor: User | None = None, **fields: Any) -> None:
    """Move to an end: nothing more is polled or sent, unless `fields` say otherwise."""
    ended: dict[str, Any] = {"ended_at": timezone.now(), "next_poll_at": None, "cancel_at": None, "finish_at": None}
    move(order, sources, target, actor, **ended | {"is_sending_action": False} | fields)


def record_event(order: Order, what: str, source: str, actor: User | None, detail: str = "") -> None:
    """Record one line of the order's history, and send `order_changed` when the transaction is committed."""
    OrderEvent.objects.create(
        order=order, what=what, source=source, target=order.status, actor=actor, detail=detail[:300]
    )
    # No partial: Django could not log the name of one that fails
    transaction.on_commit(lambda: order_changed.send(Order, order=order), robust=True)
