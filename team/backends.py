"""Who signs in with a name and a password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from team.models import User


class ByNameOrEmail(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """One password is checked, whoever is named: how long an answer takes gives away nobody who exists."""

    def _authenticate(self, _request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("username") or credentials.get("email", "")
        member: User | None = self._check_password(User.called(login), credentials["password"])
        return member
