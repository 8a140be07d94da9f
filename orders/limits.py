"""What a member may still buy: their limits, less what their own orders use of them.

A late correction (a number that only the journal had, a code after a refund) counts again, even past a limit: the money
is spent. Then nothing is left, and nothing more is bought.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from catalog.offers import Offer
from orders.models import LARGEST_QUANTITY, Order, Purchase
from orders.models.cost import CENT_PARTS
from orders.presentation import wording
from team.models import Limit, Policy, User

SPENDING = ("spending_a_day", "spending_a_month")
MONEY = (*SPENDING, "highest_price")
OF_ONE_PURCHASE = ("highest_price", "quantity")
A_MINUTE = timedelta(minutes=1)


class NotBought(Exception):  # noqa: N818  a fact that the member should know
    """Nothing was bought, for a reason found while the purchase is stored. The message states it."""

    despite: int | None = None  # the colleague's order despite which the member may go on


class OverLimit(NotBought):
    """A limit would be exceeded; the message says which one, and what is left of it."""


@dataclass(frozen=True, slots=True)
class LimitUsage:
    """One limit, and how much of it is used."""

    name: str
    limit: Decimal
    used: Decimal = Decimal(0)
    is_estimated: bool = False

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.used, Decimal(0))

    @property
    def message(self) -> str:
        return self.format(wording.LIMITS_LEFT)

    def needed(self, each: Decimal | None, quantity: int) -> Decimal:
        """How much of this limit `quantity` numbers take. An unknown price counts as the smallest amount."""
        price = CENT_PARTS if each is None else each
        if self.name == "highest_price":
            return price
        return price * quantity if self.name in SPENDING else Decimal(quantity)

    def allows(self, each: Decimal | None, quantity: int) -> bool:
        return self.used + self.needed(each, quantity) <= self.limit

    def remaining(self, each: Decimal | None) -> int:
        """How many more numbers it allows."""
        one = self.needed(each, 1)
        return int(self.left // one) if one and self.name != "highest_price" else LARGEST_QUANTITY

    def format(self, sentences: dict[str, str], asked: str = "") -> str:
        shown = wording.dollars if self.name in MONEY else str
        about = "about " if self.is_estimated else ""
        amounts = {"limit": shown(self.limit), "used": about + shown(self.used), "left": about + shown(self.left)}
        return sentences[self.name].format(asked=asked, s="" if self.limit == 1 else "s", **amounts)


class PurchaseLimits:
    """The limits of `member` at this moment, and whether `quantity` numbers of `offer` are within them."""

    def __init__(self, member: User, offer: Offer | None = None, quantity: int = 1) -> None:
        self.member, self.offer, self.quantity = member, offer, quantity
        self.at = timezone.now()

    @cached_property
    def usages(self) -> list[LimitUsage]:
        limits = Limit.for_member(self.member).items()
        return [usage(name, Decimal(limit), self.member, self.at) for name, limit in limits]

    @property
    def summary(self) -> str:
        """What is left of each limit, on one line; empty where none are set."""
        return " · ".join(each.message for each in self.usages)

    @cached_property
    def estimate(self) -> Decimal | None:
        """What one number counts as when its price is not published; None if the team has no estimate either."""
        unpublished = self.offer is not None and self.offer.price is None
        return Policy.current().estimated_price(self.offer.server) if self.offer and unpublished else None

    @property
    def each(self) -> Decimal | None:
        return self.offer.price if self.offer and self.offer.price is not None else self.estimate

    @property
    def amount(self) -> Decimal | None:
        return None if self.each is None else self.each * self.quantity

    @property
    def most(self) -> int:
        """The largest quantity worth choosing."""
        return max(1, min([LARGEST_QUANTITY, *(each.remaining(self.each) for each in self.usages)]))

    @property
    def exceeded(self) -> str:
        """The first limit that would be exceeded, as a sentence; empty if none."""
        exceeded = (each for each in self.usages if not each.allows(self.each, self.quantity))
        return next((each.format(wording.LIMITS_EXCEEDED, self.amount_text(each)) for each in exceeded), "")

    def amount_text(self, limited: LimitUsage) -> str:
        """The price that counts against a limit in dollars, as text."""
        amount = self.each if limited.name == "highest_price" else self.amount
        if amount is None:
            return "of unknown price"
        return f"about {wording.dollars(amount)}, estimated" if self.estimate is not None else wording.dollars(amount)

    def check(self) -> None:
        """Raise `OverLimit` if the purchase, whose own row is stored already, would exceed a limit.

        Safe against concurrent purchases only while the member's row is locked (`User.lock_row`).
        """
        recent = Purchase.objects.filter(buyer=self.member, made_at__gt=self.at - A_MINUTE).count()
        if recent > settings.PURCHASES_A_MINUTE:
            raise OverLimit(wording.TOO_FAST.format(limit=settings.PURCHASES_A_MINUTE))
        if self.exceeded:
            raise OverLimit(f"{self.exceeded} {wording.NOTHING_BOUGHT} {wording.ASK_ADMINISTRATOR}")


def usage(name: str, limit: Decimal, member: User, at: datetime) -> LimitUsage:
    """One limit, with what the orders of `member` use of it. Days and months are in UTC."""
    if name in OF_ONE_PURCHASE:
        return LimitUsage(name, limit)
    if name == "open_at_once":
        return LimitUsage(name, limit, Decimal(Order.objects.of_buyer(member).open().count()))
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight.replace(day=1) if name == "spending_a_month" else midnight
    cost = Order.objects.recent_of_buyer(member, since).costing().cost()
    is_money = name in SPENDING
    return LimitUsage(name, limit, cost.amount if is_money else Decimal(cost.numbers), is_money and cost.estimated > 0)
