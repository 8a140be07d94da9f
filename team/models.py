"""The members of the one team that an installation serves."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A member. An administrator is a superuser; roles and limits build on this row."""

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                models.functions.Lower("username"),
                name="user_username_unique_whatever_case",
                violation_error_message="Someone already has this name.",
            ),
        ]

    @property
    def short_name(self) -> str:
        """What cards call this member."""
        return self.first_name or self.username
