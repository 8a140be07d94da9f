"""Signs of life of our own processes, and what LegitSMS last told about the wallet and the key."""

from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.upstream import Upstream

PULSE_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)
PROBE_EVERY = timedelta(seconds=30)
SILENT_AFTER = timedelta(seconds=60)


class Heartbeat(models.Model):
    """The last sign of life of beat and of each queue's workers."""

    NAMES: ClassVar = ("beat", "tick", "buy", "slow")

    name = models.CharField(max_length=20, primary_key=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def beat(cls, name: str) -> None:
        cls.objects.update_or_create(name=name, defaults={"at": timezone.now()})

    @classmethod
    def dead(cls, names: tuple[str, ...] = ("beat", "tick")) -> list[str]:
        """Those of `names` without a sign of life for half a minute. Nothing is bought while pollers are dead.

        A sign from the future is none: the clock was set back since.
        """
        now = timezone.now()
        living = cls.objects.filter(at__gt=now - DEAD_AFTER, at__lt=now + DEAD_AFTER).values_list("name", flat=True)
        return [name for name in names if name not in set(living)]


class Weather(models.Model):
    """How the talk with one upstream goes: what the banner says, and whether polling rests."""

    upstream = models.CharField(max_length=10, choices=Upstream.choices, primary_key=True)
    bad_key_since = models.DateTimeField(null=True, blank=True)
    no_balance_since = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True, help_text="No order's check got an answer since.")
    untrusted_since = models.DateTimeField(
        null=True, blank=True, help_text="Whoever answers does not prove to be LegitSMS since."
    )
    probed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "weather"

    def __str__(self) -> str:
        return self.get_upstream_display()

    @classmethod
    def of(cls, upstream: str) -> "Weather":
        return cls.objects.filter(upstream=upstream).first() or cls(upstream=upstream)

    @classmethod
    def mark(cls, upstream: str, **since: datetime | None) -> bool:
        """Note when each named trouble began (None: it is over). True if that changed anything."""
        cls.objects.get_or_create(upstream=upstream)
        changed = 0
        for name, at in since.items():
            differs = Q(**{f"{name}__isnull": at is not None})  # a trouble that goes on keeps its beginning
            changed += cls.objects.filter(differs, upstream=upstream).update(**{name: at})
        return bool(changed)

    @classmethod
    def may_probe(cls, upstream: str) -> bool:
        """Take the turn of asking LegitSMS whether a refused key is good again: one worker, every half a minute."""
        now = timezone.now()
        is_turn = Q(probed_at=None) | Q(probed_at__lte=now - PROBE_EVERY)
        return bool(cls.objects.filter(is_turn, upstream=upstream).update(probed_at=now))

    @property
    def is_silent(self) -> bool:
        return self.silent_since is not None and timezone.now() - self.silent_since >= SILENT_AFTER
