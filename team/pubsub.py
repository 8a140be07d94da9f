"""Publishes events to every web process through the broker. `orders.live.hub` subscribes; nothing is stored."""

import json
import logging
from functools import cache
from time import monotonic

import redis
from django.conf import settings
from django.db import transaction

log = logging.getLogger(__name__)
CHANNEL = "desk:events"
TIMEOUT = 1  # seconds
PAUSE_AFTER_FAILURE = 5  # seconds in which nothing is sent; viewers fetch the board again afterwards

_broken_until = 0.0


@cache
def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=TIMEOUT, socket_connect_timeout=TIMEOUT)


def is_broken() -> bool:
    """Whether the broker failed within the last 5 s. Callers do not wait for it again meanwhile."""
    return monotonic() < _broken_until


def publish(message: dict[str, object]) -> None:
    global _broken_until  # noqa: PLW0603  a process has one broker
    if is_broken():
        return
    try:
        broker().publish(CHANNEL, json.dumps(message))
    except redis.RedisError as fault:
        _broken_until = monotonic() + PAUSE_AFTER_FAILURE
        log.warning("no live updates for a moment: %s", type(fault).__name__)


def publish_permission_change(member: int | None = None) -> None:
    """On commit, make open streams re-check the permissions of `member` (None: of everybody)."""
    transaction.on_commit(lambda: publish({"event": "permissions", "member": member}), robust=True)
