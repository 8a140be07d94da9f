"""Password validators. Length is what counts, so there are no rules about characters."""

from django.conf import settings
from django.core.exceptions import ValidationError

MIN_LENGTH, MAX_LENGTH, RECOMMENDED_LENGTH = 10, 128, 15


class LengthValidator:
    def validate(self, password: str, _user: object = None) -> None:
        if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
            raise ValidationError(
                f"A password has {MIN_LENGTH} to {MAX_LENGTH} characters. This one has {len(password)}."
            )

    def get_help_text(self) -> str:
        return f"{MIN_LENGTH} characters or more; {RECOMMENDED_LENGTH} are better, for example four words."


class DeskNameValidator:
    """Refuses passwords like «LegitSMSDesk2026»: an attacker first tries the names of the site."""

    def validate(self, password: str, _user: object = None) -> None:
        rest = password.lower()
        for name in ("legitsms", "desk", "password", *settings.SITE.hostname.split(".")):
            rest = rest.replace(name, "")
        if len(rest) < MIN_LENGTH // 2:
            raise ValidationError("This password is little more than the name of what it opens.")

    def get_help_text(self) -> str:
        return "Not little more than the name of this desk."
