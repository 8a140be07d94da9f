"""A member of the team."""

from django.contrib.auth.models import AbstractUser, Group
from django.db import models, transaction

from team.roles import Role


class User(AbstractUser):
    """A member, with one role. An administrator is a superuser, and in the group of that name."""

    class Meta(AbstractUser.Meta):
        permissions = [
            ("buy", "Can buy numbers and act on orders"),
            ("see_codes", "Can see codes"),
            ("administer", "Can change the API key, limits, settings and members"),
        ]
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

    @property
    def role(self) -> Role | None:
        """None for a member whom nobody has given a role: who may sign in, and look at nothing."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        names = {group.name for group in self.groups.all()}
        return next((role for role in Role if role in names), None)

    @transaction.atomic
    def take_role(self, role: Role) -> None:
        """Become what `role` says, and no longer what another role said."""
        self.groups.remove(*Group.objects.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role))
        self.is_staff = self.is_superuser = role == Role.ADMINISTRATOR
        self.save(update_fields=["is_staff", "is_superuser"])

    def take_turn(self) -> None:
        """Hold this member to the end of the transaction: what they ask for at the same moment goes one by one.

        An UPDATE, since SQLite has no row locks: there it makes the other writers wait, and PostgreSQL locks the row.
        """
        User.objects.filter(pk=self.pk).update(is_active=models.F("is_active"))
