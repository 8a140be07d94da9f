"""Members who are signed in by the team's identity provider, whose groups say what they may do here."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.openid_connect import views
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from team.models import LastAdministrator, User
from team.roles import Role

NO_ROLE = "None of your groups has a role at this desk. Ask an administrator to add you to one that has."
TAKEN = (
    "There is a member with your e-mail address, and your provider does not say that the address is verified."
    " Ask an administrator."
)


class Members(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Whom the provider knows and gives a role is a member. The role is renewed at each sign-in."""

    def is_open_for_signup(self, _request: HttpRequest, _login: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, login: SocialLogin) -> None:
        role = role_in(login.account.extra_data)
        if role is None:
            refuse(request, NO_ROLE)
        if not login.is_existing:
            join(request, login)
        if login.is_existing and login.user.is_active and login.user.role != role:
            with suppress(LastAdministrator):
                login.user.change_role(role)

    def save_user(self, request: HttpRequest, login: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, login, form)
        role = role_in(login.account.extra_data)
        if role is not None:
            user.take_role(role)
        return user


def join(request: HttpRequest, login: SocialLogin) -> None:
    """Know a member again by an e-mail address that the provider has verified; by no other."""
    for address in login.email_addresses:
        for member in User.objects.filter(email__iexact=address.email)[:1]:
            if address.verified is not True:
                refuse(request, TAKEN)
            login.connect(request, member)
            return


def role_in(claims: Mapping[str, Any]) -> Role | None:
    """The highest role of the groups in what the provider said."""
    provider: Any = settings.OIDC
    groups: set[str] = set()
    for part in (claims.get("id_token"), claims.get("userinfo")):
        said = (part or {}).get(provider.claim)
        said = said if isinstance(said, list) else [said]
        groups |= {group for group in said if isinstance(group, str)}
    granted = {provider.roles[group] for group in groups & provider.roles.keys()}
    return next((role for role in Role if role in granted), None)


def refuse(request: HttpRequest, reason: str) -> NoReturn:
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", {"reason": reason}, status=403))


@login_not_required
def begin(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Allauth's own, which has no words for a provider that does not answer."""
    try:
        answer: HttpResponse = views.login(request, provider_id)
    except (OSError, KeyError):  # no connection, an answer that is none, or one that lacks what was asked for
        return render(request, "socialaccount/authentication_error.html", status=502)
    return answer
