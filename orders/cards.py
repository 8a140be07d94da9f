"""Telling every open browser: a changed card is rendered once, here, and published to the hubs of all web processes."""

import json
import logging
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING

import redis
from django.conf import settings
from django.template.loader import render_to_string

if TYPE_CHECKING:
    from orders.models import Order

log = logging.getLogger(__name__)
CHANNEL = "desk:events"
PATIENCE = 1  # seconds
REST = 5  # seconds without trying after the broker failed: viewers fetch the board again when it is back

_broken_until = 0.0


@cache
def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def announce(order: "Order") -> None:
    """Show `order` as it is now on every board. A viewer who misses it sees it with the next fetch."""
    card = render_to_string("orders/_card.html", {"order": order})
    publish({"event": "card", "order": order.pk, "owner": order.owner_id, "html": card})


def announce_banner() -> None:
    publish({"event": "banner"})


def publish(message: dict[str, object]) -> None:
    global _broken_until  # noqa: PLW0603  one broker, one memory of it
    if monotonic() < _broken_until:
        return
    try:
        broker().publish(CHANNEL, json.dumps(message))
    except redis.RedisError as fault:
        _broken_until = monotonic() + REST
        log.warning("no live updates for a moment: %s", type(fault).__name__)
