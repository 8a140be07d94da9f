"""The first administrator: from ADMIN_USERNAME and ADMIN_PASSWORD, or created through a one-time link in the log."""

import secrets

from django.conf import settings
from django.contrib.auth.forms import BaseUserCreationForm
from django.db import transaction
from django.urls import reverse

from team.models import User
from team.roles import Role


def exists() -> bool:
    return User.objects.filter(is_superuser=True).exists()


def link() -> str:
    """Return the link to create the first administrator. It stays the same until it is used."""
    path = settings.FIRST_ADMINISTRATOR_TOKEN
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(24))
    return f"{settings.SITE_URL}{reverse('team:first_administrator', args=[path.read_text()])}"


def is_valid_token(token: str) -> bool:
    """Whether `token` is the one in the link. It works once, and only while there is no administrator."""
    try:
        expected = settings.FIRST_ADMINISTRATOR_TOKEN.read_text()
    except FileNotFoundError:
        return False
    return not exists() and secrets.compare_digest(expected.encode(), token.encode())


@transaction.atomic
def create(administrator: User) -> None:
    """Save the first administrator and delete the token.

    Of concurrent requests only one can delete it. The others raise `FileNotFoundError`, and their user is not saved.
    """
    administrator.save()
    administrator.take_role(Role.ADMINISTRATOR)
    settings.FIRST_ADMINISTRATOR_TOKEN.unlink()


class FirstAdministratorForm(BaseUserCreationForm[User]):
    class Meta(BaseUserCreationForm.Meta):
        model = User
        fields = ("username", "email")
