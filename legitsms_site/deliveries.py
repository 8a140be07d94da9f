"""The messages that a worker has in hand. Kombu counts them, and a worker whose hands are full takes no more.

Kombu's own count keeps a message whose acknowledgement could not be sent. A broker that died while every process of a
worker was busy therefore left a worker that lives, waits for nothing and never takes a message again.
"""

from typing import Any

from kombu.transport import redis, virtual
from redis import RedisError


class Deliveries(redis.QoS):
    """Lets a message go although the broker could not be told; it gives the message to somebody again, later."""

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


def count_rightly() -> None:
    """Let every channel to the broker count so."""
    redis.Channel.QoS = Deliveries
