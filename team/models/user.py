"""The user model: a member of the team."""

from functools import cached_property
from typing import Self

from django.contrib.auth.models import AbstractUser, Group
from django.db import models, transaction

from team import pubsub, sessions
from team.roles import Role


class LastAdministrator(Exception):  # noqa: N818  an expected outcome
    """The change would leave no active administrator. Nothing was changed."""


class User(AbstractUser):
    """A member with one role. An administrator is a superuser, and is in the group of that name."""

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
    def for_login(cls, login: str) -> "User | None":
        """Return the member with the user name `login`, or else with that e-mail address."""
        matching = cls.objects.filter(models.Q(username__iexact=login) | models.Q(email__iexact=login)) if login else []
        return min(matching, key=lambda member: (member.username.lower() != login.lower(), member.pk), default=None)

    @property
    def short_name(self) -> str:
        """The name on cards."""
        return self.first_name or self.username

    @cached_property
    def role(self) -> Role | None:
        """None for a member without a role, who can sign in but see nothing."""
        if self.is_superuser:
            return Role.ADMINISTRATOR
        names = {group.name for group in self.groups.all()}
        return next((role for role in Role if role in names), None)

    @classmethod
    def with_permission(cls, permission: str) -> models.QuerySet[Self]:
        """The active members who have `permission` now."""
        return cls.objects.with_perm(permission, backend="django.contrib.auth.backends.ModelBackend")

    @transaction.atomic
    def take_role(self, role: Role) -> None:
        """Replace the role. Sessions go on: see `change_role`."""
        self.groups.remove(*Group.objects.filter(name__in=Role.values))
        self.groups.add(Group.objects.get(name=role))
        self.is_staff = self.is_superuser = role == Role.ADMINISTRATOR
        self.save(update_fields=["is_staff", "is_superuser"])
        self.__dict__.pop("role", None)

    def lock_row(self) -> None:
        """Lock this member's row to the end of the transaction: concurrent purchases run one after the other.

        An UPDATE, since SQLite has no row locks: there it makes all other writers wait.
        """
        User.objects.filter(pk=self.pk).update(is_active=models.F("is_active"))

    @transaction.atomic
    def change_role(self, role: Role) -> None:
        """Replace the role and end all sessions of this member. Raises `LastAdministrator`."""
        if role == self.role:
            return
        if role != Role.ADMINISTRATOR:
            self._ensure_other_administrator()
        self.take_role(role)
        self.end_sessions()

    @transaction.atomic
    def deactivate(self) -> None:
        """Disable sign-in and end all sessions. The member's records stay. Raises `LastAdministrator`."""
        self._ensure_other_administrator()
        self.is_active = False
        self.save(update_fields=["is_active"])
        self.end_sessions()

    def activate(self) -> None:
        """Enable sign-in again. Sessions that `deactivate` ended stay ended."""
        self.is_active = True
        self.save(update_fields=["is_active"])

    def end_sessions(self) -> None:
        """Sign this member out everywhere. Pages notice it at their next request, open streams at once."""
        sessions.end(self.pk)
        pubsub.publish_permission_change(self.pk)

    def is_last_administrator(self) -> bool:
        """Whether this member is the only active administrator.

        Locks the rows where the database can, since two administrators may remove each other at the same time.
        """
        administrators = User.objects.select_for_update().filter(is_superuser=True, is_active=True)
        with transaction.atomic():
            return set(administrators.order_by("pk").values_list("pk", flat=True)) == {self.pk}

    def _ensure_other_administrator(self) -> None:
        if self.is_last_administrator():
            raise LastAdministrator
