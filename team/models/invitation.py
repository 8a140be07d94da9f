"""One-time links through which somebody becomes a member, with the role that the invitation has."""

import hashlib
import secrets
from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from team.models.user import User
from team.roles import Role

VALID_FOR = timedelta(days=7)


class AlreadyUsed(Exception):  # noqa: N818  an expected outcome: somebody else was first
    """The invitation is no longer open. No member was created."""


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def a_week_from_now() -> Any:
    return timezone.now() + VALID_FOR


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def open(self) -> Self:
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=timezone.now())

    def with_token(self, token: str) -> Self:
        return self.filter(token_hash=hash_token(token))

    def revoke(self) -> int:
        return self.open().update(revoked_at=timezone.now())


class Invitation(models.Model):
    """Only the hash of the token is stored: the link can be shown once."""

    role = models.CharField(max_length=20, choices=Role.choices, default=Role.BUYER)
    name = models.CharField(max_length=150, blank=True, help_text="Whom it is for; they may change it.")
    email = models.EmailField(
        "e-mail", blank=True, help_text="If it is given, the member gets this address and no other."
    )
    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", editable=False)
    invited_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=a_week_from_now, editable=False)
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    revoked_at = models.DateTimeField(null=True, editable=False)

    objects: ClassVar = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ("-invited_at", "-pk")

    def __str__(self) -> str:
        return f"{self.name or self.email or 'somebody'}, as {self.role}"

    @property
    def state(self) -> str:
        if self.used_at:
            return "used"
        if self.revoked_at:
            return "revoked"
        return "open" if self.expires_at > timezone.now() else "expired"

    def renew_token(self) -> str:
        """Set the hash of a new token, without saving, and return the token. It cannot be read later."""
        token = secrets.token_urlsafe(32)
        self.token_hash = hash_token(token)
        return token

    @transaction.atomic
    def accept(self, member: User) -> None:
        """Save the new `member` with the role of this invitation.

        Of concurrent requests one succeeds. The others raise `AlreadyUsed`.
        """
        if not Invitation.objects.open().filter(pk=self.pk).update(used_at=timezone.now()):
            raise AlreadyUsed
        member.save()
        member.take_role(Role(self.role))
        Invitation.objects.filter(pk=self.pk).update(used_by=member)
