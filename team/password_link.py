"""A link with which a member chooses a new password, once and within PASSWORD_RESET_TIMEOUT. It signs nobody in."""

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.management.base import CommandError
from django.db.models import Q
from django.urls import reverse

from team.models import User


def link(member: User) -> str:
    parts = {"uidb36": user_pk_to_url_str(member), "key": default_token_generator.make_token(member)}
    return f"{settings.SITE_URL}{reverse('account_reset_password_from_key', kwargs=parts)}"


def named(name: str) -> User:
    """The one member of this name or e-mail address. Raises CommandError if there is none, or more than one."""
    found = list(User.objects.filter(Q(username__iexact=name) | Q(email__iexact=name)))
    if len(found) != 1:
        raise CommandError(f"{len(found) or 'No'} members are called {name}.")
    return found[0]
