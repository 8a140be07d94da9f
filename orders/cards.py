"""Telling every open browser: a changed card is rendered once an audience, here, and published to all web processes."""

from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.template.loader import render_to_string

from orders.audiences import Audience, Visitor, audiences
from orders.sight import Sight
from team.models import Policy, User
from team.news import publish

if TYPE_CHECKING:
    from collections.abc import Iterable

    from orders.models import Order


def announce(order: "Order") -> None:
    """Show `order` as it is now on every board. A viewer who misses it sees it with the next fetch.

    Where the database ended the connection since the change, every board is told to fetch itself: nobody else would
    show what has changed.
    """
    try:
        publish(card(order))
    except Error:
        publish({"event": "board"})
        raise


def card(order: "Order") -> dict[str, object]:
    """`order` as each audience may see it."""
    shown = type(order).objects.with_card().get(pk=order.pk)
    matters = {"is_unclear": shown.status == shown.Status.UNCLEAR, "has_codes": bool(shown.codes.all())}
    policy = Policy.current()
    cards = {may.key: draw(shown, may, policy) for may in audiences(**matters)}
    return {"event": "card", "order": shown.pk, "owner": shown.owner_id, **matters, "cards": cards}


def draw(order: "Order", may: Audience, policy: Policy) -> str:
    sight = Sight.of_those_who(may_see=may.sees_codes, policy=policy)
    return render_to_string("orders/_card.html", {"order": order, "may": may, "sight": sight})


def shown_to(user: User | AnonymousUser, orders: "Iterable[Order]") -> list[dict[str, Any]]:
    """What each card needs to know when `user` asks for it."""
    policy = Policy.current()
    if not (visitor := Visitor.of(user, policy)):
        return []
    sight = Sight.of_those_who(may_see=visitor.sees_codes, policy=policy)
    return [{"order": order, "may": visitor.towards(order.owner_id), "sight": sight} for order in orders]


def announce_banner() -> None:
    publish({"event": "banner"})
