"""A member of the team."""

from functools import cached_property
from typing import Self

from django.contrib.auth.models import AbstractUser, Group
from django.db import models, transaction

from team import news, sessions
from team.roles import Role


class LastAdministrator(Exception):  # noqa: N818  the fact, not an error
    """Nobody could administer the desk any more. Nothing was changed."""


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

    @classmethod
    def called(cls, login: str) -> "User | None":
        """Who signs in as `login`: the member of that name, or else the one with that e-mail address."""
        same = cls.objects.filter(models.Q(username__iexact=login) | models.Q(email__iexact=login)) if login else []
        return min(same, key=lambda member: (member.username.lower() != login.lower(), member.pk), default=None)

    @property
    def short_name(self) -> str:
        """What cards call this member."""
        return self.first_name or self.username

    @cached_property
    def role(self) -> Role | None:
        """None for a member whom nobody has given a role: who may sign in, and look at nothing."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        names = {group.name for group in self.groups.all()}
        return next((role for role in Role if role in names), None)

    @classmethod
    def who_may(cls, right: str) -> models.QuerySet[Self]:
        """The active members who have `right` now."""
        return cls.objects.with_perm(right, backend="django.contrib.auth.backends.ModelBackend")

    @transaction.atomic
    def take_role(self, role: Role) -> None:
        """Become what `role` says, and no longer what another role said."""
        self.groups.remove(*Group.objects.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role))
        self.is_staff = self.is_superuser = role == Role.ADMINISTRATOR
        self.save(update_fields=["is_staff", "is_superuser"])
        self.__dict__.pop("role", None)

    def take_turn(self) -> None:
        """Hold this member to the end of the transaction: what they ask for at the same moment goes one by one.

        An UPDATE, since SQLite has no row locks: there it makes the other writers wait, and PostgreSQL locks the row.
        """
        User.objects.filter(pk=self.pk).update(is_active=models.F("is_active"))

    @transaction.atomic
    def change_role(self, role: Role) -> None:
        """Take another role. Whoever is signed in as this member has to sign in again, with the new rights.

        Raises `LastAdministrator`.
        """
        if role == self.role:
            return
        if role != Role.ADMINISTRATOR:
            self._leave_an_administrator()
        self.take_role(role)
        self.end_sessions()

    @transaction.atomic
    def deactivate(self) -> None:
        """Let this member in no longer; what they did stays. Raises `LastAdministrator`."""
        self._leave_an_administrator()
        self.is_active = False
        self.save(update_fields=["is_active"])
        self.end_sessions()

    def activate(self) -> None:
        """Let a member in again who was deactivated. Sessions from before stay ended."""
        self.is_active = True
        self.save(update_fields=["is_active"])

    def end_sessions(self) -> None:
        """Sign this member out everywhere: pages at their next request, open streams at once."""
        sessions.end(self.pk)
        news.tell_rights(self.pk)

    def is_last_administrator(self) -> bool:
        """The rows are locked where the database can: two administrators may remove each other at the same moment."""
        administrators = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
        with transaction.atomic():
            return set(administrators.order_by("pk").values_list("pk", flat=True)) == {self.pk}

    def _leave_an_administrator(self) -> None:
        if self.is_last_administrator():
            raise LastAdministrator
