"""The first administrator: given by ADMIN_USERNAME and ADMIN_PASSWORD, or made through a one-time link in the log."""

import secrets

from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.db import transaction
from django.urls import reverse

from team.models import User
from team.roles import Role


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
    try:
        known = settings.FIRST_ADMINISTRATOR_TOKEN.read_text()
    except FileNotFoundError:
        return False
    return not exists() and secrets.compare_digest(known.encode(), token.encode())


@transaction.atomic
def make(administrator: User) -> None:
    """Store the first administrator. The link goes with it: of several at the same moment, one takes it away.

    Raises `FileNotFoundError` for the others, who are not stored.
    """
    administrator.save()
    administrator.take_role(Role.ADMINISTRATOR)
    settings.FIRST_ADMINISTRATOR_TOKEN.unlink()


class FirstAdministratorForm(BaseUserCreationForm[User]):
    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "email")
