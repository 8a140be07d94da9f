"""Messages that nobody should have sent: the same one many times, and such as no worker can make sense of."""

import random

import redis
from django.apps import apps
from django.db import connection

from tests.stack.poison import poisons

COPIES = 20
QUEUES = ("polling", "purchasing", "catalog")


def duplicates(luck: random.Random) -> None:
    """Enqueue the same task again and again, for orders of any state."""
    from orders import tasks

    connection.close()  # it may have been cut
    rows = apps.get_model("orders", "Order").objects.order_by("-pk").values_list("pk", flat=True)[:50]
    for pk in luck.sample(found := list(rows), min(3, len(found))):
        for _ in range(COPIES):
            luck.choice([tasks.buy_number, tasks.send_requested_action]).apply_async(
                (pk,), queue="purchasing", retry=False
            )


def poison(broker: redis.Redis, luck: random.Random) -> None:
    for text in poisons():
        broker.lpush(luck.choice(QUEUES), text)
