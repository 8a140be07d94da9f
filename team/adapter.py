"""Adapters that change how allauth signs members in and stores their second factors."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from team import client_address, encryption, rate_limits
from team.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Sign-up is closed: administrators create or invite the members."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address.address(request)

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            rate_limits.refuse(request, self._get_login_attempts_cache_key(request, **credentials))

    def _get_login_attempts_cache_key(self, _request: HttpRequest, **credentials: Any) -> str:
        """Return one key per account, whether the name or the e-mail is sent.

        Allauth's own key also contains the Host header, so that a client could reset the limit by changing it.
        """
        login = credentials.get("username") or credentials.get("email", "")
        member = User.for_login(login)
        return f"sign-in:{member.pk if member else login.lower()}"

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        descriptions = {"mfa_reauthenticate": "Use a code", "mfa_reauthenticate:webauthn": "Use a passkey"}
        methods = super().get_reauthentication_methods(user)
        return [method | {"description": descriptions.get(method["id"], method["description"])} for method in methods]


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": "This code or passkey was not accepted. A code works once, and for half a minute.",
        "decryption_failed": "The desk lost the key to what it knows of your app. Ask an administrator.",
    }

    def encrypt(self, text: str) -> str:
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return encryption.decrypt(encrypted_text)
        except encryption.DecryptionFailed:
            raise self.validation_error("decryption_failed") from None

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:  # noqa: A002  allauth's name
        return f"Passkey {Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1}"
