"""What arrived for an order, and what happened to it: both only ever grow."""

from django.conf import settings
from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

from orders import words

MASK = "••••"
TELLING = 6  # characters; of a shorter code, its last two would be half of it


class Code(models.Model):
    """One message that arrived for an order, word for word. Only the retention job ever removes one."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="codes")
    text = models.CharField(max_length=1000)
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("received_at", "pk")
        # Of its digest: PostgreSQL's index holds 2,704 bytes, and a thousand emoji are 4,000
        constraints = [models.UniqueConstraint("order", MD5("text"), name="code_once_per_order")]

    def __str__(self) -> str:
        return f"code of order {self.order_id}"

    @property
    def masked(self) -> str:
        """Enough to tell it from another one, and too little to use it."""
        text = self.text.strip()
        return MASK + (text[-2:] if len(text) >= TELLING else "")


class OrderEvent(models.Model):
    """One line of an order's history: who did or heard what, when. Never changed."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what = models.CharField(max_length=30)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    words = models.CharField(max_length=300, blank=True, help_text="LegitSMS's own words, without the API key.")

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.told

    @property
    def may_quote_a_code(self) -> bool:
        """Whether `words` are an answer about a number that was not understood, in which anything may stand."""
        return self.what == "answer"

    @property
    def told(self) -> str:
        return words.event(self)
