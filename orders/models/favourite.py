"""What a member buys again and again."""

from django.conf import settings
from django.db import models

from catalog.models import Brand, Place


class Favourite(models.Model):
    """A brand in a place that a member marked."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="favourites")
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, related_name="+")
    place = models.ForeignKey(Place, on_delete=models.CASCADE, related_name="+")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-added_at",)
        constraints = [models.UniqueConstraint(fields=["member", "brand", "place"], name="favourite_unique")]

    def __str__(self) -> str:
        return f"{self.brand} in {self.place}"
