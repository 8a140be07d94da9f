"""The policy of the team, which administrators edit."""

from typing import TYPE_CHECKING, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

if TYPE_CHECKING:
    from decimal import Decimal

SINGLETON_PK = 1


def estimate_field(server: int) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(
        f"estimated price of a number on server {server}",
        max_digits=8,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="In dollars; what an unpublished price counts against limits. Empty: only the count of purchases.",
    )


class Policy(models.Model):
    """A single row. It is not cached, so a change takes effect at once."""

    class Reach(models.TextChoices):
        TEAM = "team", "any order of the team"
        OWN = "own", "only their own orders"

    buyers_act_on = models.CharField(max_length=4, choices=Reach.choices, default=Reach.TEAM)
    buyers_settle = models.BooleanField(
        "buyers settle their own unclear purchases", default=True, help_text="Administrators can settle every one."
    )
    codes_masked_after = models.PositiveIntegerField(
        "hours after which codes are masked", default=24, help_text="In the history. 0: never."
    )
    keep_days = models.PositiveIntegerField(
        "days to keep numbers and codes",
        default=0,
        help_text="Counted from the end of an order; sums and the history stay. 0: for ever.",
    )
    requests_per_minute = models.PositiveIntegerField(
        "requests to LegitSMS a minute",
        null=True,
        blank=True,
        validators=[MaxValueValidator(6000)],
        help_text="Of the whole team. Empty: the desk learns what LegitSMS allows, from 30 on. 0: no limit. "
        "LEGITSMS_REQUESTS_PER_MINUTE, where it is set, is used instead.",
    )
    administrators_need_2fa = models.BooleanField("two-factor sign-in is required for administrators", default=False)
    estimate_1 = estimate_field(server=1)
    estimate_2 = estimate_field(server=2)
    estimate_3 = estimate_field(server=3)

    class Meta:
        verbose_name_plural = "policy"
        constraints = [models.CheckConstraint(condition=models.Q(pk=SINGLETON_PK), name="policy_is_one_row")]

    def __str__(self) -> str:
        return "Policy"

    @classmethod
    def current(cls) -> Self:
        return cls.objects.get_or_create(pk=SINGLETON_PK)[0]

    def estimated_price(self, server: int) -> "Decimal | None":
        """Return what a number on `server` counts against limits if its price is not published."""
        return {1: self.estimate_1, 2: self.estimate_2, 3: self.estimate_3}[server]
