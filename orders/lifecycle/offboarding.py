"""The open orders of a member who is deactivated."""

from contextlib import suppress

from django.db import transaction
from django.db.models import Q

from orders.lifecycle import transitions
from orders.models import Order, StaleOrder
from team.models import User


@transaction.atomic
def offboard(member: User, actor: User, successor: User | None) -> int:
    """Deactivate `member`, unless they already are, and reassign their open orders to `successor`. Returns how many.

    Without a successor the orders stay theirs, and what is not bought yet is not bought. Raises `LastAdministrator`.
    """
    if member.is_active:
        member.deactivate()
    reassigned = 0
    if successor:
        for order in Order.objects.open().filter(owner=member):
            with suppress(StaleOrder):
                reassign(order, actor, successor, only_if=Q(owner=member))
                reassigned += 1
    return reassigned


def reassign(order: Order, actor: User, owner: User, only_if: Q | None = None) -> None:
    """Make `owner` the order's owner. Raises `StaleOrder` where `only_if` does not hold."""
    transitions.change(order, "reassigned", actor, detail=f"to {owner}", only_if=only_if, owner=owner)
