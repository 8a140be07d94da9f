"""What numbers cost: sums of prices, of which some are estimated and some unknown."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Self

from django.db.models import Count, Q, Sum

CENT_PARTS = Decimal("0.0001")  # as exact as a price is stored; SQLite adds up in floating point


@dataclass(frozen=True, slots=True)
class Cost:
    """In dollars. An unpublished price never counts as zero: it is estimated, or counted as unknown."""

    numbers: int = 0
    known: Decimal = Decimal(0)
    estimated: Decimal = Decimal(0)
    unknown: int = 0

    @classmethod
    def of(cls, sums: dict[str, Any]) -> Self:
        known, estimated = [(sums[name] or Decimal(0)).quantize(CENT_PARTS) for name in ("known", "estimated")]
        return cls(sums["numbers"], known, estimated, sums["unknown"])

    @property
    def amount(self) -> Decimal:
        return self.known + self.estimated

    @property
    def has_known(self) -> bool:
        """Whether the sum of the known prices is shown: it is more than zero, or all that there is."""
        return bool(self.known) or not (self.estimated or self.unknown)


def cost_aggregates() -> dict[str, Any]:
    """The aggregates that `Cost.of` takes."""
    unpublished = Q(price=None)
    return {
        "numbers": Count("pk"),
        "known": Sum("price"),
        "estimated": Sum("estimate", filter=unpublished),
        "unknown": Count("pk", filter=unpublished & Q(estimate=None)),
    }
