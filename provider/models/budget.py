"""The request budget of each upstream: when the next request may be sent, and how many a minute LegitSMS allows."""

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.db import models

from provider.choices import Upstream
from provider.learning import START, Rate

SPARE = 1.05  # slots are this much further apart than the limit asks: requests come closer together on their way
LONGEST_WAIT = timedelta(seconds=30)  # how far ahead a slot is booked
LONGEST_PAUSE = timedelta(seconds=60)  # how much of a Retry-After is believed at once
TIMES = ("next_free_at", "last_slot_at", "paused_until", "polls_wanted_at", "list_slot_at")
LEARNED_AT = ("refused_at", "changed_at", "scarce_since")


def spacing(per_minute: float) -> timedelta:
    """Return the time between two slots at this rate."""
    return timedelta(seconds=60 / per_minute * SPARE)


class RequestBudget(models.Model):
    """One row per upstream with a limit, shared by all processes. `provider.budget` reads and writes it under a lock.

    Rates are requests a minute. Where a limit is set, it is used instead of `per_minute`.
    """

    upstream = models.CharField(max_length=10, choices=Upstream.choices, primary_key=True)
    next_free_at = models.DateTimeField(null=True, blank=True, help_text="No request is sent before.")
    last_slot_at = models.DateTimeField(null=True, blank=True)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="The pause that a refusal asked for.")
    polls_wanted_at = models.DateTimeField(null=True, blank=True, help_text="Numbers waited for a slot then.")
    list_slot_at = models.DateTimeField(null=True, blank=True, help_text="The last slot of a list.")
    per_minute = models.FloatField(default=START, help_text="The learned rate in use.")
    known_good = models.FloatField(default=START, help_text="The fastest rate that held for a minute.")
    known_bad = models.FloatField(null=True, blank=True, help_text="The slowest rate that was refused.")
    refused_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="The rate in use was last changed then.")
    scarce_since = models.DateTimeField(null=True, blank=True, help_text="Demand exceeds the rate since.")

    def __str__(self) -> str:
        return self.get_upstream_display()

    @property
    def rate(self) -> Rate:
        names = ("per_minute", "known_good", "known_bad", *LEARNED_AT)
        return Rate(**{name: getattr(self, name) for name in names})

    @rate.setter
    def rate(self, rate: Rate) -> None:
        for name, value in asdict(rate).items():
            setattr(self, name, value)

    def next_slot(self, now: datetime, after_last: timedelta = timedelta(0)) -> datetime:
        """Return when the next request may be sent: `after_last` after the one before it, or later."""
        free_at = max(now, self.next_free_at or now)
        return max(free_at, self.last_slot_at + after_last) if self.last_slot_at else free_at

    def give(self, at: datetime, distance: timedelta) -> datetime:
        """Give the slot `at` away. The next one is `distance` later. Returns `at`."""
        self.last_slot_at, self.next_free_at = at, at + distance
        return at

    def pull_in(self, now: datetime) -> None:
        """Correct times that are further ahead than any step sets them: the clock was set back."""
        for name in TIMES:
            if (at := getattr(self, name)) and at > now + LONGEST_WAIT + LONGEST_PAUSE:
                setattr(self, name, now)
        for name in LEARNED_AT:
            if (at := getattr(self, name)) and at > now:
                setattr(self, name, now)

    @classmethod
    def far_ahead(cls, now: datetime) -> "models.QuerySet[Any]":
        """Return the budgets whose next slot is further ahead than any step sets it."""
        return cls._default_manager.filter(next_free_at__gt=now + LONGEST_WAIT + LONGEST_PAUSE)
