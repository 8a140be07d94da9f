"""Which orders are polled first while LegitSMS allows fewer requests than are due."""

from datetime import datetime, timedelta
from math import sqrt
from typing import Any

from orders.models.querysets import OrderQuerySet

# How likely a code comes in the next second, by the age of an order that has none yet: the hazard of a lognormal wait
# with a median of 35 s and a sigma of 0.9, where 60 % of the numbers get a code
HAZARD = [
    (timedelta(seconds=15), 0.0073),
    (timedelta(seconds=30), 0.0127),
    (timedelta(seconds=60), 0.0090),
    (timedelta(seconds=120), 0.0037),
    (timedelta(seconds=300), 0.0006),
    (timedelta(seconds=600), 0.00004),
]
FLOOR = 1e-4  # a second; without it old orders are forgotten
FLOOR_OF_OTHERS = 1e-6  # orders with a code already, and ended ones


def hazard(age: timedelta) -> float:
    """Return the probability per second that a code comes now."""
    return next((value for until, value in HAZARD if age < until), 0.0)


def urgency(status: str, bought_at: datetime | None, asked_at: datetime | None, now: datetime) -> float:
    """Return what polling this order now is worth: for a given number of requests, the mean delay is least so."""
    unasked = (now - (asked_at or bought_at or now)).total_seconds()
    if status != "waiting":
        return unasked * sqrt(FLOOR_OF_OTHERS)
    age = now - (bought_at or now)
    return unasked * sqrt(hazard(age) + FLOOR)


def most_urgent(due: OrderQuerySet[Any], most: int, now: datetime) -> list[int]:
    """Return the ids of the `most` due orders that are worth most."""
    rows = due.values_list("pk", "status", "bought_at", "asked_at")
    ranked = sorted(((urgency(status, bought, asked, now), pk) for pk, status, bought, asked in rows), reverse=True)
    return [pk for _, pk in ranked[:most]]
