"""News for every web process, through the broker: heard by the hubs of `orders.live`, and lost where nobody listens."""

import json
import logging
from functools import cache
from time import monotonic

import redis
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)
CHANNEL = "desk:events"
PATIENCE = 1  # seconds
REST = 5  # seconds without trying after the broker failed: viewers fetch the board again when it is back

_broken_until = 0.0


@cache
def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE)


def is_broken() -> bool:
    """Whether the broker failed a moment ago. Nobody waits for it a second time meanwhile."""
    return monotonic() < _broken_until


def publish(message: dict[str, object]) -> None:
    global _broken_until  # noqa: PLW0603  one broker, one memory of it
    if is_broken():
        return
    try:
        broker().publish(CHANNEL, json.dumps(message))
    except redis.RedisError as fault:
        _broken_until = monotonic() + REST
        log.warning("no live updates for a moment: %s", type(fault).__name__)


def tell_rights(member: int | None = None) -> None:
    """Once this is committed: the rights of `member` (None: of all) changed, and their streams ask for them anew."""
    transaction.on_commit(lambda: publish({"event": "rights", "member": member}), robust=True)
