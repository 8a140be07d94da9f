"""Repairs deadlines after the machine's clock was set.

Set back, the clock would leave orders unpolled until it has caught up. Set forward, it would make them old at once:
cancelled before their end, or polled rarely.
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

from orders.intervals import BUY_WITHIN, FINISH_RETRY_PAUSES, POLL_ENDED_FOR
from orders.lifecycle.answers import NOT_RECORDED
from orders.models import Heartbeat, Order
from provider import budget
from provider.models import ProviderHealth

SLACK = timedelta(seconds=5)  # the clocks of two machines differ a little
LONGEST_PAUSE = timedelta(seconds=60)  # between two polls, besides the order's own interval
SHIFTED = (
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


def repair() -> None:
    """Pull in deadlines that are further ahead than any step sets them. Costs one query while there are none."""
    budget.repair()
    too_far = reduce(or_, (rows for rows, _ in far_ahead(timezone.now())))
    if Order.objects.under_way().filter(too_far).exists() and pull_in():
        log.warning("the clock was set back; deadlines of open orders are pulled in")
        ProviderHealth.objects.filter(probed_at__gt=timezone.now()).update(probed_at=None)


@transaction.atomic
def pull_in() -> int:
    """Re-read the time here: a stale `now` would flag valid deadlines. Returns the number of changed rows."""
    too_far = far_ahead(timezone.now())
    return sum(Order.objects.under_way().filter(rows).update(**fields) for rows, fields in too_far)


@transaction.atomic
def set_forward(by: timedelta) -> None:
    """Shift the times of orders under way by `by`. Called twice for one step, `repair` undoes the second shift."""
    log.warning("the clock was set forward by %s; deadlines of open orders are shifted", by)
    Order.objects.under_way().filter(status="waiting").update(bought_at=F("bought_at") + by)
    Order.objects.under_way().update(**{name: F(name) + by for name in SHIFTED})
    Heartbeat.objects.update(at=F("at") + by)


def far_ahead(now: datetime) -> list[tuple[Q, dict[str, Any]]]:
    """Orders with a time too far ahead, and the latest value that this time may have."""
    soon = now + SLACK
    cancellable = soon + max(settings.CANCEL_AFTER, LONGEST_PAUSE)
    is_polled = ~Q(problem=NOT_RECORDED)  # a postponed order may wait for an hour
    every = F("poll_every")
    request = {"requested_at": now, "next_attempt_at": now, "not_after": now + BUY_WITHIN}
    return [
        (Q(status="requested") & (Q(requested_at__gt=soon) | Q(not_after__gt=soon + BUY_WITHIN)), request),
        (Q(status="buying", buying_at__gt=soon), {"buying_at": now}),
        (Q(status="waiting", bought_at__gt=soon), {"bought_at": now}),
        (Q(cancel_at__gt=cancellable), {"cancel_at": now + settings.CANCEL_AFTER + SLACK}),
        (Q(finish_at__gt=soon + FINISH_RETRY_PAUSES[-1]), {"finish_at": now}),
        (Q(ask_until__gt=soon + POLL_ENDED_FOR), {"ask_until": now + POLL_ENDED_FOR}),
        (is_polled & Q(next_poll_at__gt=every + soon + LONGEST_PAUSE), {"next_poll_at": every + now}),
    ]
