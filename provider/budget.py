"""Gives out the slots of the request budget: the times at which requests may be sent to LegitSMS.

Each function is one short transaction on the budget's row, so that no two processes get the same slot. None of them
waits for a slot. Without a limit none of them reads the database, and every request may be sent at once.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import lru_cache
from time import monotonic

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from provider import learning
from provider.choices import Upstream
from provider.models.budget import LONGEST_PAUSE, LONGEST_WAIT, RequestBudget, spacing
from team.models import Policy

HORIZON = timedelta(seconds=0.25)  # the time between two sweeps of the polls
POLLS_WAIT_FOR = timedelta(seconds=5)  # after polls last wanted a slot, numbers count as waiting
IDLE_AFTER = timedelta(seconds=0.5)  # a slot that nobody took for this long: supply exceeds demand
UNLIMITED = 0.0


def limit(upstream: str) -> float | None:
    """Return how many requests a minute were set for `upstream`. 0: no limit. None: it is learned."""
    if upstream == Upstream.SANDBOX:
        return float(settings.SANDBOX_REQUESTS_PER_MINUTE)
    if settings.LEGITSMS_REQUESTS_PER_MINUTE is not None:
        return float(settings.LEGITSMS_REQUESTS_PER_MINUTE)
    return _policy_limit(int(monotonic()))


@lru_cache(maxsize=1)
def _policy_limit(_second: int) -> float | None:
    """Return what the team's policy says, read from the database at most once a second."""
    found = Policy.objects.values_list("requests_per_minute", flat=True).first()
    return None if found is None else float(found)


def clear_cache() -> None:
    _policy_limit.cache_clear()


def is_limited(upstream: str) -> bool:
    return limit(upstream) != UNLIMITED


def book(upstream: str, within: timedelta = LONGEST_WAIT) -> datetime | None:
    """Book the next slot for a request about money. None if it is further ahead than `within`.

    It keeps the distance of a rate that is known to be good: only polls try a faster one.
    """
    if not is_limited(upstream):
        return timezone.now()
    with _locked(upstream) as (row, now):
        at = row.next_slot(now, _safe_distance(row))
        return row.give(at, _distance(row)) if at - now <= within else None


def take(upstream: str, most: int) -> list[datetime]:
    """Take at most `most` of the slots that are free now or before the next sweep, for polls that are due."""
    if not is_limited(upstream):
        return [timezone.now()] * most
    if most < 1 or _is_known_scarce(upstream):
        return []
    with _locked(upstream) as (row, now):
        taken: list[datetime] = []
        while len(taken) < most and (at := row.next_slot(now)) <= now + HORIZON:
            taken.append(row.give(at, _distance(row)))
        row.polls_wanted_at = now
        if len(taken) < most and limit(upstream) is None:
            row.rate = learning.after_demand(row.rate, now)
        return taken


def take_for_list(upstream: str, every: int) -> datetime | None:
    """Take the next slot for a list if it is free or nearly so; while numbers wait, only each slot in `every`."""
    if not is_limited(upstream):
        return timezone.now()
    with _locked(upstream) as (row, now):
        at = row.next_slot(now)
        do_numbers_wait = row.polls_wanted_at and now - row.polls_wanted_at < POLLS_WAIT_FOR
        if do_numbers_wait and row.list_slot_at and at - row.list_slot_at < every * _distance(row):
            return None
        if at - now > max(_distance(row), HORIZON):
            return None
        row.list_slot_at = at
        return row.give(at, _distance(row))


def penalize(upstream: str, retry_after: timedelta | None, sent_at: datetime) -> None:
    """Record that LegitSMS refused the request that was sent at `sent_at`: a pause, and a slower rate if learned.

    Further refusals of requests that were sent before the rate changed do not change it again.
    """
    if not is_limited(upstream):
        return
    with _locked(upstream) as (row, now):
        pause = min(retry_after or 2 * _distance(row), LONGEST_PAUSE)
        row.paused_until = max(now + pause, row.paused_until or now)
        row.next_free_at = max(row.paused_until, row.next_free_at or now)
        if limit(upstream) is None and not (row.changed_at and sent_at < row.changed_at):
            row.rate = learning.after_refusal(row.rate, now)
        row.refused_at = now


def is_paused(upstream: str, at: datetime) -> bool:
    """Whether a refusal since a slot was booked forbids to send anything at `at`."""
    return RequestBudget.objects.filter(upstream=upstream, paused_until__gt=at).exists()


def interval(upstream: str) -> timedelta:
    """Return the time between two requests now; zero without a limit."""
    if not is_limited(upstream):
        return timedelta(0)
    return _distance(RequestBudget.objects.filter(upstream=upstream).first() or RequestBudget(upstream=upstream))


def longest_wait(upstream: str) -> timedelta:
    """Return how long a request about money may wait for its slot; zero without a limit."""
    return LONGEST_WAIT if is_limited(upstream) else timedelta(0)


def repair() -> None:
    """Correct budgets after the clock was set back. No query without a limit."""
    now = timezone.now()
    for upstream in (upstream for upstream in Upstream if is_limited(upstream)):
        if RequestBudget.far_ahead(now).filter(upstream=upstream).exists():
            with _locked(upstream):
                pass  # corrected by the lock


@contextmanager
def _locked(upstream: str) -> Iterator[tuple[RequestBudget, datetime]]:
    """Lock the budget's row, give it with the time at which that was done, and save it.

    SQLite has no row locks; its transactions exclude each other.
    """
    with transaction.atomic():
        row, _ = RequestBudget.objects.select_for_update().get_or_create(upstream=upstream)
        now = timezone.now()
        row.pull_in(now)
        if row.next_free_at and now > row.next_free_at + IDLE_AFTER:
            row.scarce_since = None
        yield row, now
        row.save()


def _distance(row: RequestBudget) -> timedelta:
    return spacing(limit(row.upstream) or row.per_minute)


def _safe_distance(row: RequestBudget) -> timedelta:
    return spacing(limit(row.upstream) or min(row.per_minute, row.known_good))


def _is_known_scarce(upstream: str) -> bool:
    """Whether no slot is free and that is recorded already: then the row needs no lock and no write."""
    now = timezone.now()
    in_reach = (now + HORIZON, now + LONGEST_WAIT + LONGEST_PAUSE)  # further ahead, the clock was set back
    scarce = RequestBudget.objects.filter(upstream=upstream, next_free_at__range=in_reach)
    scarce = scarce.filter(polls_wanted_at__gt=now - POLLS_WAIT_FOR / 2)
    if limit(upstream) is None:
        scarce = scarce.filter(scarce_since__isnull=False)
    return bool(scarce.exists())
