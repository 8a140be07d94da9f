"""Heartbeats of beat and of the workers."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

BEAT_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=30)


class Heartbeat(models.Model):
    """When beat, and the workers of each queue, last reported that they run."""

    NAMES: ClassVar = ("beat", "polling", "purchasing", "catalog")

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
    def dead(cls, names: tuple[str, ...] = ("beat", "polling")) -> list[str]:
        """Those of `names` without a heartbeat for 30 s. Nothing is bought while the pollers are dead.

        A heartbeat from the future does not count: the clock was set back since.
        """
        now = timezone.now()
        alive = cls.objects.filter(at__gt=now - DEAD_AFTER, at__lt=now + DEAD_AFTER).values_list("name", flat=True)
        return [name for name in names if name not in set(alive)]
