"""Password reset links. A link works once, within PASSWORD_RESET_TIMEOUT, and does not sign in."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Q
from django.urls import reverse

from team.models import User


def link(member: User) -> str:
    kwargs = {"uidb36": user_pk_to_url_str(member), "key": default_token_generator.make_token(member)}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=kwargs)}"


def find_member(name: str) -> User:
    """Return the member with this user name or e-mail address. Raises `CommandError` unless there is exactly one."""
    found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)))
    if len(found) != 1:
        raise CommandError(f"{len(found) or 'No'} members are called {name}.")
    return found[0]
