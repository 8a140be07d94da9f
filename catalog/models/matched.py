"""Places and brands that match the servers' entries, and the administrators' decisions about them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Matched(models.Model):
    """A country or brand that may have another name on each server."""

    key = models.CharField(max_length=130, unique=True, help_text="The name as the join compares it.")
    name = models.CharField(max_length=120)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Place(Matched):
    """A country. An entry that matches no country is a place of its own."""

    iso = models.CharField(max_length=2, blank=True)


class Brand(Matched):
    """The company or app whose code a member wants to receive."""


class Decision(models.Model):
    """An administrator's decision whether an entry of a server's list means a brand. It stays until it is deleted."""

    class Verdict(models.TextChoices):
        SAME = "same", "Same"
        DIFFERENT = "different", "Different"
        NEW = "new", "New service"

    server = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=64)
    brand_key = models.CharField(max_length=130)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    decided_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("server", "code", "brand_key")
        constraints = [models.UniqueConstraint(fields=["server", "code", "brand_key"], name="decision_unique")]

    def __str__(self) -> str:
        return f"{self.code} on server {self.server}: {self.verdict} {self.brand_key}"


class Suggestion(models.Model):
    """A service that may mean a brand. Only a decision matches them."""

    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="suggestions")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="suggestions")
    score = models.PositiveSmallIntegerField(help_text="Likeness of the names, of 100.")

    class Meta:
        ordering = ("-score", "service")
        constraints = [models.UniqueConstraint(fields=["service", "brand"], name="suggestion_unique")]

    def __str__(self) -> str:
        return f"{self.service} ≈ {self.brand} {self.score} %"


class Favourite(models.Model):
    """A brand in a place that a member marked as a favourite."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-added_at",)
        constraints = [models.UniqueConstraint(fields=["member", "brand", "place"], name="favourite_unique")]

    def __str__(self) -> str:
        return f"{self.brand} in {self.place}"
