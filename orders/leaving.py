"""A member leaves: who they were signed in as, and what becomes of the orders that they still have."""

from contextlib import suppress

from django.db import transaction
from django.db.models import Q

from orders.models import Order, StaleOrder
from team.models import User


@transaction.atomic
def leave(member: User, actor: User, heir: User | None) -> int:
    """Deactivate `member`, unless they are already, and give their open orders to `heir`. Returns how many.

    Without an heir the orders stay theirs, and what is not bought yet is not bought. Raises `LastAdministrator`.
    """
    if member.is_active:
        member.deactivate()
    handed = 0
    for order in Order.objects.open().filter(owner=member) if heir else ():
        with suppress(StaleOrder):
            order.change("handed over", actor, words=f"to {heir}", only_if=Q(owner=member), owner=heir)
            handed += 1
    return handed
