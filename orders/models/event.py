"""The messages that an order received, and the events of its history. Both are only ever added to."""

from django.conf import settings
from django.db import models
from django.db.models.functions import MD5
from django.utils import timezone

MASK = "••••"
LONG_ENOUGH_FOR_ENDING = 6  # characters; of a shorter code, its last two would be half of it


class Code(models.Model):
    """One received message, verbatim. Only the retention task ever deletes one."""

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
        """The last two characters: enough to tell codes apart, too little to use one."""
        text = self.text.strip()
        return MASK + (text[-2:] if len(text) >= LONG_ENOUGH_FOR_ENDING else "")


class OrderEvent(models.Model):
    """One line of an order's history: what happened, when, by whom, and the status before and after. Never changed."""

    order = models.ForeignKey("orders.Order", on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    what = models.CharField(max_length=30)
    source = models.CharField(max_length=10)
    target = models.CharField(max_length=10)
    detail = models.CharField(
        max_length=300, blank=True, db_column="words", help_text="LegitSMS's own words, without the API key."
    )

    class Meta:
        ordering = ("at", "pk")

    def __str__(self) -> str:
        return self.what

    @property
    def may_quote_a_code(self) -> bool:
        """Whether `detail` is an answer that was not understood, which may contain anything, a code too."""
        return self.what == "answer"
