"""Renders the card of a changed order once per variant, and publishes it to all web processes."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db import Error
from django.template.loader import render_to_string

from orders.code_visibility import CodeVisibility
from orders.models import Order
from orders.permissions import OrderPermissions, Viewer, card_variants
from orders.presentation import OrderCard
from team.models import Policy, User
from team.pubsub import publish


def publish_card(order: Order, **_signal: Any) -> None:
    """Receiver of `order_changed`: show `order` as it is now on every board.

    A viewer who misses it sees it with the next fetch. Where the database ended the connection since the change, every
    board is told to fetch itself: nothing else would show the change.
    """
    try:
        publish(card_event(order))
    except Error:
        publish({"event": "board"})
        raise


def card_event(order: Order) -> dict[str, object]:
    """The event with `order` in each variant, by the key of its permissions."""
    shown = Order.objects.with_card().get(pk=order.pk)
    state = {"is_unclear": shown.status == Order.Status.UNCLEAR, "has_codes": bool(shown.codes.all())}
    policy = Policy.current()
    cards = {variant.key: render(shown, variant, policy) for variant in card_variants(**state)}
    return {"event": "card", "order": shown.pk, "owner": shown.owner_id, **state, "cards": cards}


def render(order: Order, permissions: OrderPermissions, policy: Policy) -> str:
    visibility = CodeVisibility.for_permission(may_see=permissions.sees_codes, policy=policy)
    return render_to_string("orders/_card.html", {"card": OrderCard(order, permissions, visibility)})


def cards_for(user: User | AnonymousUser, orders: Iterable[Order]) -> list[OrderCard]:
    """The cards of `orders` as `user` may see them; none for who may see nothing."""
    policy = Policy.current()
    if not (viewer := Viewer.of(user, policy)):
        return []
    visibility = CodeVisibility.for_permission(may_see=viewer.sees_codes, policy=policy)
    return [OrderCard(order, viewer.permissions_for(order.owner_id), visibility) for order in orders]
