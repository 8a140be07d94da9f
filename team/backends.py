"""The authentication backend for user name or e-mail address, and password."""

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.http import HttpRequest

from team.models import User


class ByNameOrEmail(AuthenticationBackend):  # type: ignore[misc]  # allauth ships no types
    """Checks one password hash for any login, so that the response time does not reveal which accounts exist."""

    def _authenticate(self, _request: HttpRequest | None, **credentials: Any) -> User | None:
        login = credentials.get("username") or credentials.get("email", "")
        member: User | None = self._check_password(User.for_login(login), credentials["password"])
        return member
