"""Learns how many requests a minute LegitSMS allows. Pure functions: the time is a parameter.

A rate is doubted only where demand exceeds it for a minute. A refusal returns to the last rate that held; the next try
lies half-way between that rate and the refused one.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import sqrt

START = 30.0  # requests a minute
SLOWEST, FASTEST = 1.0, 6000.0
PROOF = timedelta(minutes=1)  # a rate that held for this long under full demand is good
RETURN_AFTER = timedelta(minutes=5)  # a rate that was good, refused once: the limit may have been low for a moment
NEXT_TRY_AFTER = timedelta(minutes=10)  # after a refusal
DOUBT_AFTER = timedelta(days=1)  # then a refused rate may be allowed by now
CLOSE = 1.1  # `known_bad` / `known_good`; closer, the limit counts as found


@dataclass(frozen=True, slots=True)
class Rate:
    """Requests a minute now, and what is known about other rates. `known_bad` None: none was refused."""

    per_minute: float = START
    known_good: float = START
    known_bad: float | None = None
    refused_at: datetime | None = None
    changed_at: datetime | None = None
    scarce_since: datetime | None = None  # demand exceeds the rate since

    def change(self, per_minute: float, at: datetime) -> "Rate":
        """Return this rate with `per_minute`. Demand has to exceed the new one for a minute of its own."""
        bounded = min(max(per_minute, SLOWEST), FASTEST)
        return replace(self, per_minute=bounded, changed_at=at, scarce_since=None)


def after_demand(rate: Rate, at: datetime) -> Rate:
    """Return the rate to use while demand exceeds the present one."""
    if rate.scarce_since is None:
        return replace(rate, scarce_since=at)
    if at - max(rate.scarce_since, rate.changed_at or rate.scarce_since) < PROOF:
        return rate
    proven = replace(rate, known_good=max(rate.known_good, rate.per_minute))
    following = next_try(proven, at)
    return proven.change(following, at) if following > rate.per_minute else proven


def next_try(rate: Rate, at: datetime) -> float:
    """Return the next faster rate to try, or the present one if it is too early or nothing is left to try."""
    quiet = at - rate.refused_at if rate.refused_at else timedelta.max
    if rate.per_minute < rate.known_good:
        return rate.known_good if quiet >= RETURN_AFTER else rate.per_minute
    doubled = 2 * rate.per_minute
    if rate.known_bad is None or quiet >= DOUBT_AFTER:
        return doubled
    if quiet < NEXT_TRY_AFTER or rate.known_bad <= CLOSE * rate.known_good:
        return rate.per_minute
    return min(doubled, sqrt(rate.known_good * rate.known_bad))


def after_refusal(rate: Rate, at: datetime) -> Rate:
    """Return the rate to use after LegitSMS refused a request that was sent at the present one."""
    is_second = rate.refused_at is not None and at - rate.refused_at < NEXT_TRY_AFTER
    refused = replace(rate, refused_at=at)
    if rate.per_minute > rate.known_good:
        return replace(refused, known_bad=rate.per_minute).change(rate.known_good, at)
    if not is_second:
        return refused.change(rate.per_minute / 2, at)
    good = max(min(START, rate.per_minute / 2), SLOWEST)
    return replace(refused, known_good=good, known_bad=rate.per_minute).change(good, at)
