"""Orders that left the desk as a file: for the record, and to keep it rare."""

from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from team.models import User

MOST = 5
WITHIN = timedelta(hours=1)


class TooManyExports(Exception):  # noqa: N818  a fact that the member should know
    """The member has exported so often lately that they have to wait."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"not before {until}")
        self.until = until


class Export(models.Model):
    """One file: who took it, when, and which orders were asked for."""

    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="exports")
    at = models.DateTimeField(default=timezone.now)
    asked = models.CharField(max_length=1000, help_text="The filters, as they stood in the address.")

    class Meta:
        ordering = ("-at", "-pk")

    def __str__(self) -> str:
        return f"{self.member} at {self.at:%Y-%m-%d %H:%M} UTC"

    @classmethod
    @transaction.atomic
    def begin(cls, member: User, asked: str) -> Self:
        """Write down that `member` takes a file. After the fifth in an hour, raises `TooManyExports` instead."""
        member.take_turn()
        lately = cls.objects.filter(member=member, at__gt=timezone.now() - WITHIN)[:MOST]
        if len(lately) == MOST:
            raise TooManyExports(lately[MOST - 1].at + WITHIN)
        return cls.objects.create(member=member, asked=asked[:1000])
