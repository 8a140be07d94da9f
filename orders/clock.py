"""After the clock was set: nothing began in the future, no deadline is further off than it is ever put, or has passed.

Without this, orders would not be asked about until a clock that was set back has come to where it was; and one that was
set forward would make them old at once: cancelled before their end, or asked about only now and then.
"""

import logging
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from orders.models import Heartbeat, Order, Weather
from orders.models.answers import NOT_RECORDED, POLL_LATE_FOR
from orders.models.order import BUY_WITHIN
from orders.models.wishes import FINISH_AGAIN_AFTER

SLACK = timedelta(seconds=5)  # two machines' clocks never agree quite
LONGEST_PAUSE = timedelta(seconds=60)  # between two polls, besides the order's own interval
PUT_OFF = (
    "not_after",
    "next_attempt_at",
    "buying_at",
    "cancel_at",
    "finish_at",
    "polled_at",
    "next_poll_at",
    "ask_until",
)
log = logging.getLogger(__name__)


def mend() -> None:
    """Pull in what lies further ahead than it was ever put. Costs one question while nothing does."""
    strayed = reduce(or_, (rows for rows, _ in far_ahead(timezone.now())))
    if Order.objects.under_way().filter(strayed).exists() and pull_in():
        log.warning("the clock was set back; deadlines of open orders are pulled in")
        Weather.objects.filter(probed_at__gt=timezone.now()).update(probed_at=None)


@transaction.atomic
def pull_in() -> int:
    """Pull in what has strayed by now: who slept before they looked saw all that had moved meanwhile as strayed."""
    strayed = far_ahead(timezone.now())
    return sum(Order.objects.under_way().filter(rows).update(**fields) for rows, fields in strayed)


@transaction.atomic
def set_forward(by: timedelta) -> None:
    """Put off what is under way: it is no older, and no nearer its end, than before. Done twice, `mend` undoes it."""
    log.warning("the clock was set forward by %s; deadlines of open orders are put off", by)
    Order.objects.under_way().filter(status="waiting").update(bought_at=F("bought_at") + by)
    Order.objects.under_way().update(**{name: F(name) + by for name in PUT_OFF})
    Heartbeat.objects.update(at=F("at") + by)


def far_ahead(now: datetime) -> list[tuple[Q, dict[str, Any]]]:
    """Which orders have strayed, and where each of their times belongs at the latest."""
    soon = now + SLACK
    cancellable = soon + max(settings.CANCEL_AFTER, LONGEST_PAUSE)
    is_polled = ~Q(problem=NOT_RECORDED)  # what was set aside may rest for an hour
    every = F("poll_every")
    request = {"requested_at": now, "next_attempt_at": now, "not_after": now + BUY_WITHIN}
    return [
        (Q(status="requested") & (Q(requested_at__gt=soon) | Q(not_after__gt=soon + BUY_WITHIN)), request),
        (Q(status="buying", buying_at__gt=soon), {"buying_at": now}),
        (Q(status="waiting", bought_at__gt=soon), {"bought_at": now}),
        (Q(cancel_at__gt=cancellable), {"cancel_at": now + settings.CANCEL_AFTER + SLACK}),
        (Q(finish_at__gt=soon + FINISH_AGAIN_AFTER[-1]), {"finish_at": now}),
        (Q(ask_until__gt=soon + POLL_LATE_FOR), {"ask_until": now + POLL_LATE_FOR}),
        (is_polled & Q(next_poll_at__gt=every + soon + LONGEST_PAUSE), {"next_poll_at": every + now}),
    ]
