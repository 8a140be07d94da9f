"""Provider health: since when there is a problem with the key, the wallet, the connection or the certificate."""

from datetime import datetime, timedelta
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from provider.choices import Upstream

PROBE_EVERY = timedelta(seconds=30)  # while the key is refused
SILENT_AFTER = timedelta(seconds=60)  # without an answer, before the banner shows it


class ProviderHealth(models.Model):
    """One row per upstream. An empty time means that there is no such problem."""

    upstream = models.CharField(max_length=10, choices=Upstream.choices, primary_key=True)
    bad_key_since = models.DateTimeField(null=True, blank=True)
    no_balance_since = models.DateTimeField(null=True, blank=True)
    silent_since = models.DateTimeField(null=True, blank=True, help_text="No order's check got an answer since.")
    untrusted_since = models.DateTimeField(
        null=True, blank=True, help_text="The server that answers has no valid certificate since."
    )
    probed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        db_table = (
            "orders_weather"  # the table's name before 1.0; the previous version still reads it during an upgrade
        )
        verbose_name = verbose_name_plural = "provider health"

    def __str__(self) -> str:
        return self.get_upstream_display()

    @classmethod
    def for_upstream(cls, upstream: str) -> Self:
        """Return the row of `upstream`, or an unsaved one without problems."""
        return cls.objects.filter(upstream=upstream).first() or cls(upstream=upstream)

    @classmethod
    def mark(cls, upstream: str, **since: datetime | None) -> bool:
        """Record when each named problem began (None: it is over). Return whether that changed anything."""
        cls.objects.get_or_create(upstream=upstream)
        changed = 0
        for name, at in since.items():
            differs = Q(**{f"{name}__isnull": at is not None})  # an ongoing problem keeps its first time
            changed += cls.objects.filter(differs, upstream=upstream).update(**{name: at})
        return bool(changed)

    @classmethod
    def lease_probe(cls, upstream: str) -> bool:
        """Claim the request that tests a refused key again. One worker gets it every 30 s."""
        now = timezone.now()
        is_due = Q(probed_at=None) | Q(probed_at__lte=now - PROBE_EVERY)
        return bool(cls.objects.filter(is_due, upstream=upstream).update(probed_at=now))

    @property
    def is_silent(self) -> bool:
        return self.silent_since is not None and timezone.now() - self.silent_since >= SILENT_AFTER
