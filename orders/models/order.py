"""The order: every field of it, in the order of its life. The steps that change it are in `orders.lifecycle`."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models import Server
from orders.intervals import POLL_EVERY, cancel_delay, expected_life
from orders.models.purchase import Purchase
from orders.models.querysets import OPEN, OrderQuerySet
from orders.models.search import SEARCH_TEXT, SEARCH_TEXT_LENGTH
from provider.choices import Upstream

# Outcomes that a person gave
NOT_BOUGHT = "not bought"
WRITTEN_OFF = "written off"

WAITS_FOR_TURN = "waits for turn"  # the outcome of a request that found no slot in the budget


class StaleOrder(Exception):  # noqa: N818  the fact, not an error: somebody else was first
    """The order is no longer in the state that the step starts from. Nothing was changed."""


class Order(models.Model):
    """One number: requested, bought, polled and closed. Only `lifecycle.transitions` writes its rows."""

    class Status(models.TextChoices):
        REQUESTED = "requested"
        BUYING = "buying"
        WAITING = "waiting"
        RECEIVED = "received"
        FINISHED = "finished"
        CANCELLED = "cancelled"
        CLOSED = "closed"
        REFUSED = "refused"
        UNCLEAR = "unclear"

    class Refund(models.TextChoices):
        NONE = "", "none"
        CONFIRMED = "confirmed"
        UNCONFIRMED = "unconfirmed"

    # Who requested it, and as a part of which purchase
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    ordinal = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements")
    cancels_replaced = models.BooleanField(
        default=False, help_text="Once this number is bought, the other one is cancelled."
    )
    note = models.CharField(max_length=200, blank=True)

    # What was requested: the offer as it was then, since lists change
    upstream = models.CharField(max_length=10, choices=Upstream.choices)
    server = models.PositiveSmallIntegerField(choices=Server.choices)
    country = models.CharField(max_length=64)
    country_name = models.CharField(max_length=120)
    country_iso = models.CharField(max_length=2, blank=True)
    service = models.CharField(max_length=64)
    service_name = models.CharField(max_length=120)
    brand_key = models.CharField(max_length=130, blank=True, help_text="The brand and place over all servers.")
    place_key = models.CharField(max_length=130, blank=True)
    price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Empty: not published."
    )
    estimate = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="What an unpublished price counted as."
    )

    # Where it stands
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    version = models.PositiveIntegerField(default=1, help_text="Rises with every change.")
    outcome = models.CharField(
        max_length=300, blank=True, help_text="Why it is where it is, in one word of ours or theirs."
    )

    # Buying
    requested_at = models.DateTimeField(default=timezone.now)
    not_after = models.DateTimeField(help_text="Not bought after this time.")
    next_attempt_at = models.DateTimeField(default=timezone.now)
    connect_failures = models.PositiveSmallIntegerField(default=0)
    attempt = models.UUIDField(null=True, blank=True)
    buying_at = models.DateTimeField(null=True, blank=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    activation_id = models.CharField(max_length=64, blank=True, help_text="LegitSMS's ORDER_ID.")
    phone = models.CharField(max_length=20, blank=True)

    # An unclear purchase that a person reported as bought, until LegitSMS has confirmed it
    reported_id = models.CharField(max_length=64, blank=True, db_column="claimed_id")
    reported_phone = models.CharField(max_length=20, blank=True, db_column="claimed_phone")
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        db_column="claimed_by_id",
    )

    # Polling. `next_poll_at` is the lease: whoever polls the order moves it on first. Empty: not polled
    next_poll_at = models.DateTimeField(null=True, blank=True)
    poll_every = models.DurationField(default=POLL_EVERY)
    asked_at = models.DateTimeField(null=True, blank=True, help_text="The last request about it was sent about then.")
    ask_until = models.DateTimeField(null=True, blank=True, help_text="It ended, but a code may still come.")
    polled_at = models.DateTimeField(null=True, blank=True, help_text="LegitSMS last gave a good answer.")
    poll_failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    is_unchecked = models.BooleanField(default=False, help_text="LegitSMS has not answered about it for half a minute.")
    unknown_since = models.DateTimeField(null=True, blank=True)
    unknown_times = models.PositiveIntegerField(default=0)
    needs_attention = models.BooleanField(default=False)

    # The code, and what people requested
    received_at = models.DateTimeField(null=True, blank=True)
    copied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    copied_at = models.DateTimeField(null=True, blank=True)
    cancel_at = models.DateTimeField(null=True, blank=True, help_text="A cancel is requested for this time.")
    finish_at = models.DateTimeField(null=True, blank=True)
    is_sending_action = models.BooleanField(
        default=False, db_column="is_closing", help_text="The requested cancel or finish is being sent."
    )

    # The end
    ended_at = models.DateTimeField(null=True, blank=True)
    refund = models.CharField(max_length=11, choices=Refund.choices, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    erased_at = models.DateTimeField(
        null=True, blank=True, db_column="forgotten_at", help_text="Its number and codes were deleted then."
    )

    search_text = models.GeneratedField(
        expression=SEARCH_TEXT,
        output_field=models.CharField(max_length=SEARCH_TEXT_LENGTH),
        db_persist=True,
        db_column="findable",
    )

    objects: ClassVar = OrderQuerySet.as_manager()

    class Meta:
        ordering = ("-requested_at", "-pk")
        constraints = [
            models.UniqueConstraint(fields=["purchase", "ordinal"], name="order_once_per_place_in_purchase"),
            models.UniqueConstraint(
                fields=["upstream", "activation_id"], condition=~Q(activation_id=""), name="order_activation_unique"
            ),
        ]
        indexes = [
            models.Index(fields=["upstream", "next_poll_at"], name="order_due"),
            models.Index(fields=["status", "requested_at"], name="order_board"),
            # All that the history filters by: read in its order, it answers without the rows themselves
            models.Index(
                fields=["-requested_at", "-id", "owner", "server", "status", "brand_key", "place_key", "search_text"],
                name="order_history",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_name}, {self.country_name}, server {self.server}"

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def intent(self) -> uuid.UUID:
        """The order's key in the journal: the same in a database that was restored from before it was bought."""
        return uuid.uuid5(self.purchase_id, str(self.ordinal))

    @property
    def replaced_by(self) -> "Order | None":
        """The last order that was to take this one's place."""
        return max(self.replacements.all(), key=lambda order: order.pk, default=None)

    @property
    def cancellable_at(self) -> datetime | None:
        """When LegitSMS begins to allow cancelling."""
        return self.bought_at + cancel_delay(self.upstream) if self.bought_at else None

    @property
    def is_cancellable_now(self) -> bool:
        return self.cancellable_at is not None and self.cancellable_at <= timezone.now()

    @property
    def expected_end_at(self) -> datetime | None:
        """An estimate: LegitSMS does not state how long a number lives."""
        return self.bought_at + expected_life(self.upstream) if self.bought_at else None

    @property
    def waited(self) -> timedelta | None:
        return self.received_at - self.bought_at if self.received_at and self.bought_at else None

    def is_stopped_by_earlier(self) -> bool:
        """Whether an earlier number of the same purchase was refused or is unclear: then no more are bought."""
        earlier = Order.objects.filter(purchase=self.purchase_id, ordinal__lt=self.ordinal)
        return earlier.filter(status__in=[Order.Status.REFUSED, Order.Status.UNCLEAR]).exists()
