"""Fixes a fault of kombu 5.7.0: after a lost connection to Redis, a worker may run without ever taking a message again.

Kombu counts the messages that a worker has not acknowledged yet, and takes none beyond the prefetch limit. Its Redis
transport removes a message from that count only after Redis has confirmed the acknowledgement. If the connection is
lost before that, the message is counted for ever. If all processes of the worker were busy then, the limit is reached
and `QoS.can_consume()` stays false.
"""

from typing import Any

from kombu.transport import redis, virtual
from redis import RedisError


class ReleasingQoS(redis.QoS):
    """Stops counting a message even if its acknowledgement failed. Redis then delivers the message again later."""

    def ack(self, delivery_tag: Any) -> None:
        try:
            super().ack(delivery_tag)
        except (RedisError, OSError):
            virtual.QoS.ack(self, delivery_tag)
            raise

    def reject(self, delivery_tag: Any, requeue: bool = False) -> None:
        try:
            super().reject(delivery_tag, requeue)
        except (RedisError, OSError):
            virtual.QoS.ack(self, delivery_tag)
            raise


def install() -> None:
    """Make every channel to the broker use `ReleasingQoS`."""
    redis.Channel.QoS = ReleasingQoS
