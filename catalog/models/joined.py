"""What joins the three servers: places, brands, and what administrators decided about them."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.utils import timezone


class Joined(models.Model):
    """One thing, whatever each server calls it."""

    key = models.CharField(max_length=130, unique=True, help_text="The name as the join compares it.")
    name = models.CharField(max_length=120)

    objects: ClassVar[Any] = models.Manager()

    class Meta:
        abstract = True
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class Place(Joined):
    """A country of the world. What cannot be joined to one is a place by its own name."""

    iso = models.CharField(max_length=2, blank=True)


class Brand(Joined):
    """What a person wants a code of."""


class Decision(models.Model):
    """What an administrator said about one entry of one server's list. Stays until it is taken back."""

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
    """Two names that may mean the same. Never joined by itself."""

    service = models.ForeignKey("catalog.Service", on_delete=models.CASCADE, related_name="suggestions")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="suggestions")
    score = models.PositiveSmallIntegerField(help_text="Likeness of the names, of 100.")

    class Meta:
        ordering = ("-score", "service")
        constraints = [models.UniqueConstraint(fields=["service", "brand"], name="suggestion_unique")]

    def __str__(self) -> str:
        return f"{self.service} ≈ {self.brand} {self.score} %"


class Favourite(models.Model):
    """A brand in a place that a member marked, to buy it again."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-added_at",)
        constraints = [models.UniqueConstraint(fields=["member", "brand", "place"], name="favourite_unique")]

    def __str__(self) -> str:
        return f"{self.brand} in {self.place}"
