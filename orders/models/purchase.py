"""One press of the Buy button: N orders, bought one after the other."""

from django.conf import settings
from django.db import models

LARGEST_QUANTITY = 10


class Purchase(models.Model):
    """The key is made with the dialog, so that a double click, a reload or a proxy's retry meets the one purchase."""

    uuid = models.UUIDField(primary_key=True)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="purchases")
    quantity = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ("-made_at",)
        indexes = [models.Index(fields=["buyer", "made_at"], name="purchase_of_buyer")]  # what limits add up
        constraints = [
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=LARGEST_QUANTITY), name="purchase_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} by {self.buyer}"
