"""The first administrator: given by ADMIN_USERNAME and ADMIN_PASSWORD, or made through a one-time link in the log."""

import contextlib
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.urls import reverse

from team.models import User


def exists() -> bool:
    return User.objects.filter(is_superuser=True).exists()


def invitation() -> str:
    """The address where the first administrator is made; the same one until it is used."""
    path = settings.FIRST_ADMINISTRATOR_TOKEN
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return f"{settings.SITE_URL}{reverse('team:first_administrator', args=[path.read_text()])}"


def is_invited(token: str) -> bool:
    """Whether `token` is the one of the log, which works once and only while there is no administrator."""
    path = settings.FIRST_ADMINISTRATOR_TOKEN
    return not exists() and path.exists() and secrets.compare_digest(path.read_text().encode(), token.encode())


def withdraw_invitation() -> None:
    with contextlib.suppress(FileNotFoundError):
        settings.FIRST_ADMINISTRATOR_TOKEN.unlink()


class FirstAdministratorForm(BaseUserCreationForm[User]):
    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "email")

    def save(self, commit: bool = True) -> Any:
        self.instance.is_staff = self.instance.is_superuser = True
        return super().save(commit=commit)
