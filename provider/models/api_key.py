"""The team's API key, where an administrator entered it instead of setting LEGITSMS_API_KEY."""

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from team.encryption import encrypt

ENDING_LENGTH = 4  # last characters of the key that an administrator may see
SINGLETON_PK = 1
TEST_TIMEOUT = 45  # seconds, 30 of them for its turn; a test that no worker carried out by then counts as unanswered


class ApiKey(models.Model):
    """A single row. The key is write-only: only its last characters are ever shown."""

    encrypted_key = models.TextField(blank=True, editable=False, db_column="sealed")
    ending = models.CharField(max_length=ENDING_LENGTH, blank=True, editable=False)
    changed_at = models.DateTimeField(null=True, blank=True, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, editable=False, on_delete=models.SET_NULL, related_name="+"
    )
    asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)
    answer = models.CharField(max_length=300, blank=True, editable=False)

    class Meta:
        db_table = (
            "catalog_apikey"  # the table's name before 1.0; the previous version still reads it during an upgrade
        )
        verbose_name = "API key"
        verbose_name_plural = "API key"
        constraints = [models.CheckConstraint(condition=models.Q(pk=SINGLETON_PK), name="api_key_is_one_row")]

    def __str__(self) -> str:
        return "API key"

    @classmethod
    def current(cls) -> Self:
        return cls.objects.get_or_create(pk=SINGLETON_PK)[0]

    @classmethod
    def stored(cls) -> tuple[str, datetime | None]:
        """Return the encrypted key (empty if there is none) and since when it is used."""
        return cls.objects.filter(pk=SINGLETON_PK).values_list("encrypted_key", "changed_at").first() or ("", None)

    def replace(self, key: str, actor: Any) -> None:
        """Use `key` from now on, and delete the test result of the previous key."""
        self.encrypted_key, self.ending = encrypt(key), key[-ENDING_LENGTH:]
        self.changed_at, self.changed_by = timezone.now(), actor
        self.asked_at, self.answered_at, self.answer = None, None, ""
        self.save()

    def request_test(self) -> None:
        """Record that a test of the key was requested. A worker carries it out."""
        self.asked_at, self.answered_at, self.answer = timezone.now(), None, ""
        self.save(update_fields=["asked_at", "answered_at", "answer"])

    def record_answer(self, answer: str) -> None:
        """Store the result of the test, unless the key was replaced since the test was requested."""
        test = ApiKey.objects.filter(pk=self.pk, asked_at=self.asked_at, asked_at__isnull=False)
        test.update(answered_at=timezone.now(), answer=answer[:300])

    @property
    def is_test_pending(self) -> bool:
        """Whether a test was requested whose result may still come."""
        if not self.asked_at or self.answered_at:
            return False
        return (timezone.now() - self.asked_at).total_seconds() < TEST_TIMEOUT
