"""What a member may still buy: the limits that hold for them, less what their own orders use of these.

A late truth (a number that the journal knew, a code after a refund) takes its share back, even past a limit: the money
is spent. Then nothing is left, and nothing more is bought.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.utils import timezone

from catalog.offers import Offer
from orders import words
from orders.models import Order, Purchase
from orders.models.purchase import LARGEST_QUANTITY
from orders.models.queries import CENT_PARTS
from team.models import Limit, Policy, User

SPENDING = ("spending_a_day", "spending_a_month")
MONEY = (*SPENDING, "highest_price")
OF_ONE_PURCHASE = ("highest_price", "quantity")
A_MINUTE = timedelta(minutes=1)


class NotBought(Exception):  # noqa: N818  a fact that the member should know
    """Nothing was bought, for a reason that shows only while the purchase is stored. The message says it."""

    despite: int | None = None  # the colleague's order in whose spite the member may go on


class OverLimit(NotBought):
    """A limit stands in the way; the message says which one, and what is left of it."""


@dataclass(frozen=True, slots=True)
class Share:
    """One limit, and how much of it is used."""

    name: str
    limit: Decimal
    used: Decimal = Decimal(0)
    is_estimated: bool = False

    @property
    def left(self) -> Decimal:
        return max(self.limit - self.used, Decimal(0))

    @property
    def told(self) -> str:
        return self.say(words.LEFT)

    def asked(self, each: Decimal | None, quantity: int) -> Decimal:
        """How much of this limit `quantity` numbers take. A price that nobody knows is more than nothing."""
        price = CENT_PARTS if each is None else each
        if self.name == "highest_price":
            return price
        return price * quantity if self.name in SPENDING else Decimal(quantity)

    def admits(self, each: Decimal | None, quantity: int) -> bool:
        return self.used + self.asked(each, quantity) <= self.limit

    def room(self, each: Decimal | None) -> int:
        """How many numbers are within it."""
        one = self.asked(each, 1)
        return int(self.left // one) if one and self.name != "highest_price" else LARGEST_QUANTITY

    def say(self, sentences: dict[str, str], asked: str = "") -> str:
        shown = words.dollars if self.name in MONEY else str
        about = "about " if self.is_estimated else ""
        amounts = {"limit": shown(self.limit), "used": about + shown(self.used), "left": about + shown(self.left)}
        return sentences[self.name].format(asked=asked, s="" if self.limit == 1 else "s", **amounts)


class Allowance:
    """What `member` may still buy at this moment, and whether `quantity` numbers of `offer` are within it."""

    def __init__(self, member: User, offer: Offer | None = None, quantity: int = 1) -> None:
        self.member, self.offer, self.quantity = member, offer, quantity
        self.at = timezone.now()

    @cached_property
    def shares(self) -> list[Share]:
        limits = Limit.of(self.member).items()
        return [share(name, Decimal(limit), self.member, self.at) for name, limit in limits]

    @cached_property
    def estimate(self) -> Decimal | None:
        """What one number counts as where its price is not published; empty where the team has no estimate either."""
        unpublished = self.offer is not None and self.offer.price is None
        return Policy.current().estimate_of(self.offer.server) if self.offer and unpublished else None

    @property
    def each(self) -> Decimal | None:
        return self.offer.price if self.offer and self.offer.price is not None else self.estimate

    @property
    def amount(self) -> Decimal | None:
        return None if self.each is None else self.each * self.quantity

    @property
    def most(self) -> int:
        """The largest quantity worth choosing."""
        return max(1, min([LARGEST_QUANTITY, *(each.room(self.each) for each in self.shares)]))

    @property
    def hindrance(self) -> str:
        """The first limit that stands in the way, in words; empty when all is well."""
        met = (each for each in self.shares if not each.admits(self.each, self.quantity))
        return next((each.say(words.BEYOND, self.price_of(each)) for each in met), "")

    def price_of(self, limited: Share) -> str:
        """What is asked of a limit in dollars."""
        amount = self.each if limited.name == "highest_price" else self.amount
        if amount is None:
            return "of unknown price"
        return f"about {words.dollars(amount)}, estimated" if self.estimate is not None else words.dollars(amount)

    def check(self) -> None:
        """Raise `OverLimit` where the purchase, whose own row stands already, would pass a limit.

        Proof against others only while the member's turn is held (`User.take_turn`).
        """
        lately = Purchase.objects.filter(buyer=self.member, made_at__gt=self.at - A_MINUTE).count()
        if lately > settings.PURCHASES_A_MINUTE:
            raise OverLimit(words.TOO_FAST.format(limit=settings.PURCHASES_A_MINUTE))
        if self.hindrance:
            raise OverLimit(f"{self.hindrance} {words.NOTHING} {words.ASK}")


def share(name: str, limit: Decimal, member: User, at: datetime) -> Share:
    """The limit of this name, with what the orders of `member` use of it. Days and months are those of UTC."""
    if name in OF_ONE_PURCHASE:
        return Share(name, limit)
    if name == "open_at_once":
        return Share(name, limit, Decimal(Order.objects.of_buyer(member).open().count()))
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    since = midnight.replace(day=1) if name == "spending_a_month" else midnight
    cost = Order.objects.lately_of_buyer(member, since).costing().cost()
    is_money = name in SPENDING
    return Share(name, limit, cost.amount if is_money else Decimal(cost.numbers), is_money and cost.estimated > 0)
