"""What a password must be. Length is what counts, so there are no rules about which characters it has."""

from django.conf import settings
from django.core.exceptions import ValidationError

LEAST, MOST, RECOMMENDED = 10, 128, 15


class Length:
    def validate(self, password: str, _user: object = None) -> None:
        if not LEAST <= len(password) <= MOST:
            raise ValidationError(f"A password has {LEAST} to {MOST} characters. This one has {len(password)}.")

    def get_help_text(self) -> str:
        return f"{LEAST} characters or more; {RECOMMENDED} are better, for example four words."


class NotOnlyOurNames:
    """Refuses «LegitSMSDesk2026»: whoever guesses tries the names of what the password opens first."""

    def validate(self, password: str, _user: object = None) -> None:
        rest = password.lower()
        for name in ("legitsms", "desk", "password", *settings.SITE.hostname.split(".")):
            rest = rest.replace(name, "")
        if len(rest) < LEAST // 2:
            raise ValidationError("This password is little more than the name of what it opens.")

    def get_help_text(self) -> str:
        return "Not little more than the name of this desk."
