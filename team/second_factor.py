"""The second factor of a sign-in: a code of an authenticator app, a recovery code, or a passkey."""

from allauth.core import context
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.core.cache import cache
from django.core.exceptions import ValidationError

from team import encryption, rate_limits
from team.models import Policy

FACTOR_TYPES = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]  # recovery codes alone are no second factor


def is_missing(user: AbstractBaseUser | AnonymousUser) -> bool:
    """Whether `user` must set up a second factor before anything else."""
    is_required = user.is_superuser and Policy.current().administrators_need_2fa  # type: ignore[union-attr]
    return is_required and not is_mfa_enabled(user, FACTOR_TYPES)


def reencrypt() -> None:
    """Re-encrypt the secrets of apps and recovery codes with the first key. Raises `DecryptionFailed`."""
    for authenticator in Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN):
        secrets = {name: authenticator.data[name] for name in ("secret", "seed") if name in authenticator.data}
        authenticator.data |= {name: encryption.reencrypt(encrypted) for name, encrypted in secrets.items()}
        authenticator.save(update_fields=["data"])


class SingleUseCodeMixin:
    """Accepts each code once in the whole time in which it is valid. Allauth itself remembers it for one step only."""

    def clean_code(self) -> str:
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError as error:
            if error.code == "too_many_login_attempts":
                rate_limits.refuse(context.request, f"mfa-auth-user-{self.user.pk}")  # type: ignore[attr-defined]
            raise
        if self.authenticator.type == Authenticator.Type.TOTP and not self.is_first_use(code):  # type: ignore[attr-defined]
            raise get_adapter().validation_error("incorrect_code")
        return code

    def is_first_use(self, code: str) -> bool:
        steps = 2 * app_settings.TOTP_TOLERANCE + 1
        digits = "".join(filter(str.isdigit, code))
        key = f"totp-used:{self.user.pk}:{digits}"  # type: ignore[attr-defined]
        return cache.add(key, value=True, timeout=steps * app_settings.TOTP_PERIOD)


class AuthenticateCodeForm(SingleUseCodeMixin, AuthenticateForm):  # type: ignore[misc]  # allauth ships no types
    pass


class ReauthenticateCodeForm(SingleUseCodeMixin, ReauthenticateForm):  # type: ignore[misc]
    pass


class PasskeyForm(AddWebAuthnForm):  # type: ignore[misc]
    """Registers every security key as a passkey. It can replace the password, so it must verify its user."""

    passwordless = forms.BooleanField(initial=True, required=False, widget=forms.HiddenInput)

    def clean_passwordless(self) -> bool:
        return True
