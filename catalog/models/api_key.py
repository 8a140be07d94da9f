"""The team's key to LegitSMS, where an administrator entered it instead of setting LEGITSMS_API_KEY."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from team import sealing

SHOWN = 4  # characters of the key that an administrator sees again
THE_ROW = 1
PATIENCE = 30  # seconds after which a test that nobody carried out counts as unanswered


class ApiKey(models.Model):
    """One row. The key is written only: nothing shows it again but its last characters."""

    sealed = models.TextField(blank=True, editable=False)
    ending = models.CharField(max_length=SHOWN, blank=True, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answer = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        verbose_name = "API key"
        verbose_name_plural = "API key"
        constraints = [models.CheckConstraint(condition=models.Q(pk=THE_ROW), name="api_key_is_one_row")]

    def __str__(self) -> str:
        return "API key"

    @classmethod
    def current(cls) -> Self:
        return cls.objects.get_or_create(pk=THE_ROW)[0]

    @classmethod
    def stored(cls) -> tuple[str, datetime | None]:
        """The key as it is sealed, empty without one, and since when it holds."""
        return cls.objects.filter(pk=THE_ROW).values_list("sealed", "changed_at").first() or ("", None)

    def replace(self, key: str, actor: Any) -> None:
        """Use `key` from now on. What LegitSMS said of the one before says nothing about it."""
        self.sealed, self.ending = sealing.seal(key), key[-SHOWN:]
        self.changed_at, self.changed_by = timezone.now(), actor
        self.asked_at, self.answered_at, self.answer = None, None, ""
        self.save()

    def ask(self) -> None:
        """Have a worker ask LegitSMS whether it accepts the key in force."""
        self.asked_at, self.answered_at, self.answer = timezone.now(), None, ""
        self.save(update_fields=["asked_at", "answered_at", "answer"])

    def record_answer(self, answer: str) -> None:
        """Keep what LegitSMS answered, unless the key was replaced since it was asked."""
        question = ApiKey.objects.filter(pk=self.pk, asked_at=self.asked_at, asked_at__isnull=False)
        question.update(answered_at=timezone.now(), answer=answer[:300])

    @property
    def is_asked(self) -> bool:
        """Whether an answer may still come."""
        if not self.asked_at or self.answered_at:
            return False
        return (timezone.now() - self.asked_at).total_seconds() < PATIENCE
