"""Questions about many orders."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Sum, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from catalog.upstream import Upstream, pace
from orders.audiences import Visitor, may_look
from orders.models.event import OrderEvent
from team.models import User
from team.roles import BUY

if TYPE_CHECKING:
    from orders.models.order import Order  # noqa: F401

PENDING = ("requested", "buying")
OPEN = (*PENDING, "waiting", "received", "unclear")
ANSWERING = ("waiting", "received")
COSTING = (*OPEN, "finished", "closed")  # not what was refused, nor what LegitSMS says it refunded
BOARD_KEEPS = timedelta(minutes=15)  # how long a card that ended stays where everybody saw it
JUST_NOW = timedelta(seconds=10)  # two members who buy the same so soon after each other may not know of each other
GRID_SLACK = timedelta(milliseconds=250)  # beat's tick: a claim this late stays on the order's own grid
CENT_PARTS = Decimal("0.0001")  # as exact as a price is kept; SQLite adds up in floating point


@dataclass(frozen=True, slots=True)
class Cost:
    """What some numbers cost, in dollars. An unpublished price is never nought: estimated, or counted as unknown."""

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


def sums() -> dict[str, Any]:
    """The aggregates of which a `Cost` is made."""
    unpublished = Q(price=None)
    return {
        "numbers": Count("pk"),
        "known": Sum("price"),
        "estimated": Sum("estimate", filter=unpublished),
        "unknown": Count("pk", filter=unpublished & Q(estimate=None)),
    }


class OrderQuerySet(models.QuerySet["Order"]):
    # --- Whose: every view looks orders up through one of these three

    def for_user(self, user: User | AnonymousUser) -> Self:
        """What `user` may look at."""
        return self if may_look(user) else self.none()

    def actionable_by(self, user: User | AnonymousUser) -> Self:
        """What `user` may do something with."""
        visitor = Visitor.of(user)
        if not visitor or not visitor.buys:
            return self.none()
        return self if visitor.acts_on_all else self.filter(owner=visitor.member)

    def settleable_by(self, user: User | AnonymousUser) -> Self:
        """What `user` may settle, should it be unclear."""
        visitor, acted_on = Visitor.of(user), self.actionable_by(user)
        if visitor and visitor.settles_all:
            return acted_on
        return acted_on.filter(owner=visitor.member) if visitor and visitor.settles_own else self.none()

    def of_buyers(self) -> Self:
        """Whose owner may buy at this moment."""
        return self.filter(owner__in=User.who_may(BUY))

    def with_card(self) -> Self:
        """With everything that a card shows."""
        return self.select_related("owner", "copied_by", "replaces").prefetch_related("codes", "replacements")

    # --- In which state

    def pending(self) -> Self:
        return self.filter(status__in=PENDING)

    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def under_way(self) -> Self:
        """Open orders, and those that ended and are asked about for a while longer, both found by an index."""
        is_asked = Q(upstream__in=Upstream.values, next_poll_at__isnull=False)
        return self.filter(Q(status__in=OPEN) | is_asked).order_by()

    def on_board(self) -> Self:
        lately = timezone.now() - BOARD_KEEPS
        return self.filter(Q(status__in=OPEN) | Q(ended_at__gte=lately, hidden_at=None))

    def just_bought_by_others(self, member: User, **offer: object) -> Self:
        """What others asked for a moment ago by these codes (server, country, service), the latest first."""
        lately = timezone.now() - JUST_NOW
        others = self.filter(**offer, requested_at__gte=lately).exclude(purchase__buyer=member)
        return others.exclude(status="refused").select_related("purchase__buyer").order_by("-requested_at")

    def older_than(self, pk: int) -> Self:
        """Orders that stand below this one in a list with the newest first. None where there is no such order."""
        at = self.model.objects.filter(pk=pk).values_list("requested_at", flat=True).first()
        if at is None:
            return self.none()
        # The last condition says nothing new, but databases can begin to read an index there
        return self.filter(Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=pk), requested_at__lte=at)

    def first_in_line(self) -> Self:
        """Requested orders with no earlier one of the same purchase still being bought."""
        earlier = self.model.objects.filter(purchase=OuterRef("purchase"), ordinal__lt=OuterRef("ordinal"))
        return self.filter(~Exists(earlier.filter(status__in=PENDING)), status="requested")

    def due(self, at: datetime) -> Self:
        return self.filter(Q(status__in=ANSWERING) | Q(ask_until__isnull=False), next_poll_at__lte=at)

    def claimed(self, at: datetime) -> Self:
        """Unclear orders of which a person says that they were bought, and about which LegitSMS is to be asked now."""
        return self.filter(status="unclear", next_poll_at__lte=at).exclude(claimed_id="")

    def wished(self, at: datetime) -> Self:
        """Orders whose wish to be cancelled or finished is due."""
        return self.filter(Q(status="waiting", cancel_at__lte=at) | Q(status="received", finish_at__lte=at))

    def ending(self, at: datetime) -> Self:
        """Orders near the end of their expected life that nobody cancels, or has kept from the desk's cancel."""
        done_before = OrderEvent.objects.filter(order=OuterRef("pk"), what="cancel in time")
        goes_on_for = settings.EXPECTED_LIFE - settings.CANCEL_BEFORE_END
        old = Q()
        for known in Upstream:
            old |= Q(upstream=known, bought_at__lte=at - goes_on_for / pace(known))
        return self.filter(old, ~Exists(done_before), status="waiting", cancel_at=None)

    def past_cap(self, at: datetime) -> Self:
        return self.filter(status="waiting", needs_attention=False, bought_at__lte=at - settings.HARD_CAP)

    def forgettable(self, before: datetime) -> Self:
        """Orders over since `before`, about which nobody asks any more, with their number and codes still here."""
        ended = Q(ended_at__lt=before) | Q(status="received", received_at__lt=before)
        return self.filter(ended, next_poll_at=None, forgotten_at=None).order_by("pk")

    def answered_since(self, at: datetime) -> Self:
        """Open orders about which LegitSMS has said something since `at`."""
        return self.filter(status__in=ANSWERING, polled_at__gt=at)

    def keep_distance(self, at: datetime) -> int:
        """Move on what was asked late, so that its next poll is not nearer than an interval from `at`."""
        still_asked = self.filter(next_poll_at__isnull=False)
        return still_asked.update(
            asked_at=at, next_poll_at=Greatest(F("next_poll_at"), F("poll_every") + at - GRID_SLACK)
        )

    def lease(self, at: datetime) -> int:
        """Move these orders' next poll on by their interval, on each one's own grid, and never closer than that."""
        on_grid = F("next_poll_at") + F("poll_every")
        following = Greatest(on_grid, F("poll_every") + at - GRID_SLACK)
        is_last = When(ask_until__lte=at, then=Value(None, models.DateTimeField()))
        return self.update(asked_at=at, next_poll_at=Case(is_last, default=following))

    # --- Money

    def of_buyer(self, member: User) -> Self:
        """What `member` pressed Buy for, whoever has it now: handing over takes nothing off a limit."""
        return self.filter(purchase__buyer=member)

    def asked_for(self, since: datetime | None, until: datetime | None = None) -> Self:
        """Asked for from `since` on, and before `until`; without a bound where it is None."""
        rows = self.filter(requested_at__gte=since) if since else self
        return rows.filter(requested_at__lt=until) if until else rows

    def lately_of_buyer(self, member: User, since: datetime) -> Self:
        """What `member` pressed Buy for from `since` on, found fast however much they bought before."""
        made = since - timedelta(days=1)  # a press is a moment before its orders: perhaps before midnight
        return self.of_buyer(member).filter(purchase__made_at__gte=made).asked_for(since)

    def costing(self) -> Self:
        """Orders whose price is spent, or is held for them until their end is known.

        Being bought, bought, unclear, or closed without a word about the money; not refused, and not refunded.
        """
        return self.filter(status__in=COSTING)

    def cost(self) -> Cost:
        """The sum of these orders' prices. `costing().cost()` is what was spent; filter first by member and time."""
        return Cost.of(self.order_by().aggregate(**sums()))

    def cost_by(self, field: str) -> dict[Any, Cost]:
        """The same for each value of `field`: "purchase__buyer" is a member, "note" a purpose."""
        rows = self.order_by().values(field).annotate(**sums())
        return {row[field]: Cost.of(row) for row in rows}
