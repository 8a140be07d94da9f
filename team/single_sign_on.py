"""Single sign-on: the team's identity provider signs members in, and its groups decide their role."""

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

NO_ROLE_MESSAGE = "None of your groups has a role at this desk. Ask an administrator to add you to one that has."
EMAIL_TAKEN_MESSAGE = (
    "There is a member with your e-mail address, and your provider does not say that the address is verified."
    " Ask an administrator."
)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Everybody to whom the provider gives a role is a member. The role is updated at each sign-in."""

    def is_open_for_signup(self, _request: HttpRequest, _login: SocialLogin) -> bool:
        return True

    def pre_social_login(self, request: HttpRequest, login: SocialLogin) -> None:
        role = role_from_claims(login.account.extra_data)
        if role is None:
            refuse(request, NO_ROLE_MESSAGE)
        if not login.is_existing:
            connect_member(request, login)
        if login.is_existing and login.user.is_active and login.user.role != role:
            with suppress(LastAdministrator):
                login.user.change_role(role)

    def save_user(self, request: HttpRequest, login: SocialLogin, form: Any = None) -> User:
        user: User = super().save_user(request, login, form)
        role = role_from_claims(login.account.extra_data)
        if role is not None:
            user.take_role(role)
        return user


def connect_member(request: HttpRequest, login: SocialLogin) -> None:
    """Connect `login` to the member with the same e-mail address, if the provider has verified it."""
    for address in login.email_addresses:
        for member in User.objects.filter(email__iexact=address.email)[:1]:
            if address.verified is not True:
                refuse(request, EMAIL_TAKEN_MESSAGE)
            login.connect(request, member)
            return


def role_from_claims(claims: Mapping[str, Any]) -> Role | None:
    """Return the highest role that the groups in the provider's claims give."""
    provider: Any = settings.OIDC
    groups: set[str] = set()
    for source in (claims.get("id_token"), claims.get("userinfo")):
        claim = (source or {}).get(provider.claim)
        values = claim if isinstance(claim, list) else [claim]
        groups |= {group for group in values if isinstance(group, str)}
    granted = {provider.roles[group] for group in groups & provider.roles.keys()}
    return next((role for role in Role if role in granted), None)


def refuse(request: HttpRequest, reason: str) -> NoReturn:
    raise ImmediateHttpResponse(render(request, "socialaccount/refused.html", {"reason": reason}, status=403))


@login_not_required
def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Start the sign-in with allauth's view, and show an error page if the provider does not answer."""
    try:
        response: HttpResponse = views.login(request, provider_id)
    except (OSError, KeyError):  # no connection, no valid JSON, or a configuration that lacks an endpoint
        return render(request, "socialaccount/authentication_error.html", status=502)
    return response
