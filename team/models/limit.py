"""Limits of purchases: of one member, or of each member with a role."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q

from team.models.user import User
from team.roles import Role

if TYPE_CHECKING:
    from decimal import Decimal


def count_field(label: str, help_text: str) -> "models.PositiveIntegerField[int | None, int | None]":
    return models.PositiveIntegerField(label, null=True, blank=True, help_text=help_text)


def dollars_field(label: str, help_text: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        label,
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=help_text,
    )


class Limit(models.Model):
    """One row for a member, or for a role: it then limits each member with that role. An empty field limits nothing."""

    VALUE_FIELDS: ClassVar = (
        "purchases_a_day",
        "spending_a_day",
        "spending_a_month",
        "highest_price",
        "open_at_once",
        "quantity",
    )

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.CASCADE, related_name="own_limit"
    )
    role = models.CharField(
        max_length=20, choices=Role.choices, blank=True, help_text="It holds for each member with this role, by itself."
    )
    purchases_a_day = count_field("purchases a day", "Each number counts as one. A day begins at 00:00 UTC.")
    spending_a_day = dollars_field(
        "dollars a day", "Refunded numbers give their share back, unclear ones keep it. A day begins at 00:00 UTC."
    )
    spending_a_month = dollars_field("dollars a month", "A month begins on its first day at 00:00 UTC.")
    highest_price = dollars_field(
        "dollars for one number", "The highest price, where one is published, or estimated in the policy."
    )
    open_at_once = count_field(
        "open at once", "Orders that are being bought, waiting, received and not done yet, or unclear."
    )
    quantity = count_field("in one purchase", "Numbers; never more than 10, whatever stands here.")

    class Meta:
        ordering = ("role", "member__username")
        constraints = [
            models.CheckConstraint(
                condition=Q(member=None) ^ Q(role=""),
                name="limit_of_member_or_role",
                violation_error_message="Choose either a member or a role.",
            ),
            models.UniqueConstraint(
                fields=["role"],
                condition=~Q(role=""),
                name="limit_once_per_role",
                violation_error_message="This role has its limits already.",
            ),
        ]

    def __str__(self) -> str:
        return f"Limits of {self.whose}"

    @property
    def whose(self) -> str:
        return str(self.member) if self.member else f"each {self.role}"

    @classmethod
    def for_member(cls, member: User) -> dict[str, Any]:
        """Return the limits of `member` by field: their own, or their role's where their own is empty."""
        rows = list(cls.objects.filter(Q(member=member) | ~Q(role="")).order_by("-role"))  # the member's own comes last
        role = member.role if rows else None
        applicable = [row for row in rows if row.member_id or row.role == role]
        return {
            name: value for name in cls.VALUE_FIELDS for row in applicable if (value := getattr(row, name)) is not None
        }
