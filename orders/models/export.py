"""Exports of the history: recorded, and limited in number."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from team.models import User

MAX_EXPORTS = 5
PER = timedelta(hours=1)


class TooManyExports(Exception):  # noqa: N818  a fact that the member should know
    """The member has exported too often and has to wait until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until}")
        self.until = until


class Export(models.Model):
    """One file: who took it, when, and which orders were asked for."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    at = models.DateTimeField(default=timezone.now)
    query = models.CharField(max_length=1000, db_column="asked", help_text="The filters, as in the address.")

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.member} at {self.at:%Y-%m-%d %H:%M} UTC"

    @classmethod
    @transaction.atomic
    def begin(cls, member: User, query: str) -> Self:
        """Record an export by `member`. Raises `TooManyExports` after the fifth in an hour."""
        member.lock_row()
        recent = cls.objects.filter(member=member, at__gt=timezone.now() - PER)[:MAX_EXPORTS]
        if len(recent) == MAX_EXPORTS:
            raise TooManyExports(recent[MAX_EXPORTS - 1].at + PER)
        return cls.objects.create(member=member, query=query[:1000])
