"""How allauth behaves at this door."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from team import sealing, throttle, visitors
from team.models import User


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves: an administrator makes members."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return visitors.address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            throttle.refuse(request, self._get_login_attempts_cache_key(request, **credentials))

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        """The account that is tried, by name or by e-mail. Allauth's own key differs for each Host that is sent."""
        login = credentials.get("username") or credentials.get("email", "")
        member = User.called(login)
        return f"sign-in:{member.pk if member else login.lower()}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        words = {"mfa_reauthenticate": "Use a code", "mfa_reauthenticate:webauthn": "Use a passkey"}
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": words.get(method["id"], method["description"])} for method in methods]


class SecondFactors(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code or passkey was not accepted. A code works once, and for half a minute.",
        "sealed": "The desk lost the key to what it knows of your app. Ask an administrator.",
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return sealing.unseal(encrypted_text)
        except sealing.CannotUnseal:
            raise self.validation_error("sealed") from None

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002  allauth's name
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
