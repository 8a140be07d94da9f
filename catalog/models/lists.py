"""The lists of the three servers, as they were last read."""

from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.db import models
from django.utils import timezone

from catalog.models.matched import Brand, Place
from provider import upstream
from provider.choices import Upstream

FRESH_FOR = timedelta(hours=6)
FRESH_FOR_WHILE_VIEWED = timedelta(minutes=2)  # prices and stock change while somebody chooses
RETRY_AFTER = timedelta(seconds=30)
MIN_ROWS_TO_JUDGE = 10  # a shorter list may shrink by half


class Server(models.IntegerChoices):
    ONE = 1, "Global, huge stock"
    TWO = 2, "Premium"
    THREE = 3, "Global, 180+ countries"

    @property
    def lists_services_per_country(self) -> bool:
        return self == Server.THREE


class CurrentQuerySet(models.QuerySet[Any]):
    """Filters for rows that the current upstream still lists."""

    def listed(self, server: int) -> Self:
        return self.filter(upstream=upstream.current(), server=server, retired_at=None)


class Entry(models.Model):
    """One row of one server's list. It is retired when it disappears upstream, and restored when it reappears."""

    upstream = models.CharField(max_length=10, choices=Upstream.choices)
    server = models.PositiveSmallIntegerField(choices=Server.choices)
    code = models.CharField(max_length=64, help_text="What getNumber takes.")
    name = models.CharField(max_length=120)
    retired_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = CurrentQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class Country(Entry):
    iso = models.CharField(max_length=2, blank=True, help_text="Two letters, where the server tells.")
    prefix = models.CharField(max_length=8, blank=True, help_text="Digits of the country calling code.")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="countries")
    variant = models.CharField(max_length=20, blank=True, help_text="Tells offers of one place apart, like «virtual».")

    class Meta:
        verbose_name_plural = "countries"
        ordering = ("name", "code")
        constraints = [models.UniqueConstraint(fields=["upstream", "server", "code"], name="country_unique")]


class Service(Entry):
    """One service of one server. A bundle («Google,youtube,Gmail») is one offer of several brands."""

    brands = models.ManyToManyField(Brand, blank=True, related_name="services")

    class Meta:
        ordering = ("name", "code")
        constraints = [models.UniqueConstraint(fields=["upstream", "server", "code"], name="service_unique")]


class Price(models.Model):
    """The price and stock of a service in one country, on a server that lists services by country."""

    service = models.ForeignKey(Service, on_delete=models.CASCADE, related_name="prices")
    country = models.CharField(max_length=64, help_text="The country's code on that server.")
    price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Empty: not published."
    )
    stock = models.PositiveIntegerField(null=True, blank=True, help_text="Empty: not published.")
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("service", "country")
        constraints = [models.UniqueConstraint(fields=["country", "service"], name="price_unique")]

    def __str__(self) -> str:
        return f"{self.service} in {self.country}"


class Listing(models.Model):
    """One list of one server: when it was last read, and what went wrong since."""

    class Kind(models.TextChoices):
        COUNTRIES = "countries"
        SERVICES = "services"

    upstream = models.CharField(max_length=10, choices=Upstream.choices)
    server = models.PositiveSmallIntegerField(choices=Server.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    country = models.CharField(max_length=64, blank=True)
    refreshed_at = models.DateTimeField(null=True, blank=True, help_text="The list on show was read then.")
    tried_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True, help_text="Other names can be found since.")
    wanted_at = models.DateTimeField(null=True, blank=True, help_text="Someone looked at this list then.")
    took = models.DurationField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    retired = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    rejected = models.TextField(blank=True, help_text="Rows that were left out, and why.")
    held_rows = models.PositiveIntegerField(null=True, blank=True, help_text="A list this short is held back.")
    may_shrink = models.BooleanField(default=False, help_text="An administrator accepts a short list.")

    class Meta:
        ordering = ("upstream", "server", "kind", "country")
        constraints = [
            models.UniqueConstraint(fields=["upstream", "server", "kind", "country"], name="listing_unique"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of server {self.server} {self.country}".strip()

    @classmethod
    def last_change(cls) -> datetime | None:
        """When the names in the lists of the current upstream last changed."""
        listings = cls.objects.filter(upstream=upstream.current())
        changed_at: datetime | None = listings.aggregate(at=models.Max("changed_at"))["at"]
        return changed_at

    def is_due(self, at: datetime | None = None) -> bool:
        """Whether to read this list again: it is old, and the last attempt is at least `RETRY_AFTER` ago."""
        at = at or timezone.now()
        if self.tried_at and at - self.tried_at < RETRY_AFTER:
            return False
        fresh_for = FRESH_FOR_WHILE_VIEWED if self.is_viewed(at) else FRESH_FOR
        return self.refreshed_at is None or at - self.refreshed_at >= fresh_for

    def is_viewed(self, at: datetime | None = None) -> bool:
        """Whether somebody viewed this list a moment ago."""
        return self.wanted_at is not None and (at or timezone.now()) - self.wanted_at < FRESH_FOR_WHILE_VIEWED

    def is_awaited(self, at: datetime | None = None) -> bool:
        """Whether a newer list is expected: this one is due, or is being read."""
        at = at or timezone.now()
        is_being_read = self.tried_at is not None and at - self.tried_at < RETRY_AFTER
        is_unfinished = self.refreshed_at is None or (self.tried_at is not None and self.refreshed_at < self.tried_at)
        return self.is_due(at) or (is_being_read and is_unfinished and not self.problem)

    def is_suspiciously_short(self, rows: int) -> bool:
        """Whether the list shrank by more than half: more often a fault of the server than a real change."""
        return not self.may_shrink and self.rows >= MIN_ROWS_TO_JUDGE and rows < self.rows / 2
