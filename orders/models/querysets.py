"""Questions about many orders."""

from datetime import datetime, timedelta
from typing import Any, Self, TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Value, When
from django.db.models.functions import Greatest
from django.utils import timezone

from orders.intervals import GRID_SLACK
from orders.models.cost import Cost, cost_aggregates
from orders.models.event import OrderEvent
from orders.permissions import Viewer, can_view
from provider.choices import Upstream, clock_speed
from team.models import User
from team.roles import BUY

PENDING = ("requested", "buying")
OPEN = (*PENDING, "waiting", "received", "unclear")
POLLED = ("waiting", "received")
COSTING = (*OPEN, "finished", "closed")  # not what was refused, nor what LegitSMS says it refunded
SHOWN_AFTER_END = timedelta(minutes=15)  # how long the card of an ended order stays on the board
JUST_NOW = timedelta(seconds=10)  # two members who buy the same within this time may not know of each other

# Events after which the desk does not cancel by itself once more. The second name was used before 1.0
CANCELLED_BEFORE_END = ("cancel before end", "cancel in time")

M = TypeVar("M", bound=models.Model)  # the order itself, which imports this module


class OrderQuerySet(models.QuerySet[M]):
    # --- Permissions: every view looks orders up through one of these three

    def for_user(self, user: User | AnonymousUser) -> Self:
        """Orders that `user` may see."""
        return self if can_view(user) else self.none()

    def actionable_by(self, user: User | AnonymousUser) -> Self:
        """Orders that `user` may act on."""
        viewer = Viewer.of(user)
        if not viewer or not viewer.buys:
            return self.none()
        return self if viewer.acts_on_all else self.filter(owner=viewer.member)

    def settleable_by(self, user: User | AnonymousUser) -> Self:
        """Orders that `user` may settle while they are unclear."""
        viewer, actionable = Viewer.of(user), self.actionable_by(user)
        if viewer and viewer.settles_all:
            return actionable
        return actionable.filter(owner=viewer.member) if viewer and viewer.settles_own else self.none()

    def with_permitted_owner(self) -> Self:
        """Orders whose owner may buy at this moment."""
        return self.filter(owner__in=User.with_permission(BUY))

    def with_card(self) -> Self:
        """With everything that a card shows, in few queries."""
        return self.select_related("owner", "copied_by", "replaces").prefetch_related("codes", "replacements")

    # --- States

    def pending(self) -> Self:
        return self.filter(status__in=PENDING)

    def open(self) -> Self:
        return self.filter(status__in=OPEN)

    def under_way(self) -> Self:
        """Open orders, and ended ones that are still polled, both found by an index."""
        is_polled = Q(upstream__in=Upstream.values, next_poll_at__isnull=False)
        return self.filter(Q(status__in=OPEN) | is_polled).order_by()

    def on_board(self) -> Self:
        lately = timezone.now() - SHOWN_AFTER_END
        return self.filter(Q(status__in=OPEN) | Q(ended_at__gte=lately, hidden_at=None))

    def just_bought_by_others(self, member: User, **offer: object) -> Self:
        """What others requested a moment ago by these codes (server, country, service), the latest first."""
        lately = timezone.now() - JUST_NOW
        others = self.filter(**offer, requested_at__gte=lately).exclude(purchase__buyer=member)
        return others.exclude(status="refused").select_related("purchase__buyer").order_by("-requested_at")

    def older_than(self, pk: int) -> Self:
        """Orders below this one in a list with the newest first; none where there is no such order."""
        at = self.model._default_manager.filter(pk=pk).values_list("requested_at", flat=True).first()
        if at is None:
            return self.none()
        # The last condition adds nothing, but lets databases start reading the index there
        return self.filter(Q(requested_at__lt=at) | Q(requested_at=at, pk__lt=pk), requested_at__lte=at)

    def first_in_line(self) -> Self:
        """Requested orders of which no earlier one of the same purchase is still pending."""
        earlier = self.model._default_manager.filter(purchase=OuterRef("purchase"), ordinal__lt=OuterRef("ordinal"))
        return self.filter(~Exists(earlier.filter(status__in=PENDING)), status="requested")

    def due(self, at: datetime) -> Self:
        return self.filter(Q(status__in=POLLED) | Q(ask_until__isnull=False), next_poll_at__lte=at)

    def reported_bought(self, at: datetime) -> Self:
        """Unclear orders that a person reported as bought, whose check by LegitSMS is due."""
        return self.filter(status="unclear", next_poll_at__lte=at).exclude(reported_id="")

    def with_due_action(self, at: datetime) -> Self:
        """Orders whose requested cancel or finish is due."""
        return self.filter(Q(status="waiting", cancel_at__lte=at) | Q(status="received", finish_at__lte=at))

    def near_expected_end(self, at: datetime) -> Self:
        """Orders near the end of their expected life, unless a person requested or undid a cancel."""
        done_before = OrderEvent.objects.filter(order=OuterRef("pk"), what__in=CANCELLED_BEFORE_END)
        age = settings.EXPECTED_LIFE - settings.CANCEL_BEFORE_END
        old = Q()
        for known in Upstream:
            old |= Q(upstream=known, bought_at__lte=at - age / clock_speed(known))
        return self.filter(old, ~Exists(done_before), status="waiting", cancel_at=None)

    def past_cap(self, at: datetime) -> Self:
        return self.filter(status="waiting", needs_attention=False, bought_at__lte=at - settings.HARD_CAP)

    def erasable(self, before: datetime) -> Self:
        """Orders that ended before `before`, are not polled any more, and still have their number and codes."""
        ended = Q(ended_at__lt=before) | Q(status="received", received_at__lt=before)
        return self.filter(ended, next_poll_at=None, erased_at=None).order_by("pk")

    def answered_since(self, at: datetime) -> Self:
        """Open orders about which LegitSMS has answered since `at`."""
        return self.filter(status__in=POLLED, polled_at__gt=at)

    def keep_distance(self, at: datetime) -> int:
        """Move the next poll of orders that were polled late at `at`: never sooner than one interval after it."""
        polled = self.filter(next_poll_at__isnull=False)
        return polled.update(asked_at=at, next_poll_at=Greatest(F("next_poll_at"), F("poll_every") + at - GRID_SLACK))

    def lease(self, at: datetime) -> int:
        """Lease these polls: move each next poll on by its interval, on the order's own grid, never closer."""
        on_grid = F("next_poll_at") + F("poll_every")
        following = Greatest(on_grid, F("poll_every") + at - GRID_SLACK)
        is_last = When(ask_until__lte=at, then=Value(None, models.DateTimeField()))
        return self.update(asked_at=at, next_poll_at=Case(is_last, default=following))

    # --- Limits and costs

    def of_buyer(self, member: User) -> Self:
        """Orders that `member` bought, whoever owns them now: a reassigned order still counts for its buyer."""
        return self.filter(purchase__buyer=member)

    def requested_between(self, since: datetime | None, until: datetime | None = None) -> Self:
        """Orders requested at or after `since` and before `until`; None is no bound."""
        rows = self.filter(requested_at__gte=since) if since else self
        return rows.filter(requested_at__lt=until) if until else rows

    def recent_of_buyer(self, member: User, since: datetime) -> Self:
        """Orders that `member` bought at or after `since`, found by index however many there are."""
        made = since - timedelta(days=1)  # a purchase is made a moment before its orders: perhaps before midnight
        return self.of_buyer(member).filter(purchase__made_at__gte=made).requested_between(since)

    def costing(self) -> Self:
        """Orders whose price is spent, or reserved until their end is known.

        Pending, bought, unclear, or closed without a word about the money; not refused, and not refunded.
        """
        return self.filter(status__in=COSTING)

    def cost(self) -> Cost:
        """The sum of these orders' prices; `costing().cost()` is what was spent. Filter by member and time first."""
        return Cost.of(self.order_by().aggregate(**cost_aggregates()))

    def cost_by(self, field: str) -> dict[Any, Cost]:
        """The same for each value of `field`: "purchase__buyer" is a member, "note" a purpose."""
        rows = self.order_by().values(field).annotate(**cost_aggregates())
        return {row[field]: Cost.of(row) for row in rows}
