"""The order, and every step of its life."""

import contextlib
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import Case, F, Q, When
from django.utils import timezone

from catalog import upstream
from catalog.models import Server
from catalog.upstream import Upstream
from legitsms import Number
from orders import crash
from orders.models.answers import POLL_EVERY
from orders.models.finding import FINDABLE, LONGEST
from orders.models.life import Life, StaleOrder
from orders.models.purchase import Purchase
from orders.models.queries import OrderQuerySet
from orders.models.wishes import WITHDRAWN, Wishes
from team.models import User
from team.roles import BUY

BUY_WITHIN = timedelta(seconds=120)  # a request older than this would be a surprise purchase
CONNECT_TRIES = 3
CHECK_EVERY = timedelta(seconds=15)  # longer than one question can take
GOLDEN = 0.618  # multiples of it spread evenly over the interval
NOT_BOUGHT = "not bought"  # the outcome that a person, not LegitSMS, gave


class Order(Wishes):
    """One number: asked for, bought, polled and closed."""

    # What was asked for, and by whom
    purchase = models.ForeignKey(Purchase, on_delete=models.PROTECT, related_name="orders")
    ordinal = models.PositiveSmallIntegerField()
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="orders")
    upstream = models.CharField(max_length=10, choices=Upstream.choices)
    server = models.PositiveSmallIntegerField(choices=Server.choices)
    country = models.CharField(max_length=64)
    country_name = models.CharField(max_length=120)
    country_iso = models.CharField(max_length=2, blank=True)
    service = models.CharField(max_length=64)
    service_name = models.CharField(max_length=120)
    price = models.DecimalField(
        max_digits=10, decimal_places=4, null=True, blank=True, help_text="Empty: not published."
    )
    estimate = models.DecimalField(
        max_digits=8, decimal_places=2, null=True, blank=True, help_text="What an unpublished price counted as."
    )
    note = models.CharField(max_length=200, blank=True)
    brand_key = models.CharField(max_length=130, blank=True, help_text="The brand and place over all servers.")
    place_key = models.CharField(max_length=130, blank=True)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements")
    cancels_replaced = models.BooleanField(default=False, help_text="Once this number is here, the other one may go.")
    findable = models.GeneratedField(
        expression=FINDABLE, output_field=models.CharField(max_length=LONGEST), db_persist=True
    )

    # Buying
    not_after = models.DateTimeField()
    next_attempt_at = models.DateTimeField(default=timezone.now)
    connect_failures = models.PositiveSmallIntegerField(default=0)
    attempt = models.UUIDField(null=True, blank=True)
    buying_at = models.DateTimeField(null=True, blank=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    activation_id = models.CharField(max_length=64, blank=True, help_text="LegitSMS's ORDER_ID.")
    phone = models.CharField(max_length=20, blank=True)

    # What a person says was bought, until LegitSMS has confirmed it
    claimed_id = models.CharField(max_length=64, blank=True)
    claimed_phone = models.CharField(max_length=20, blank=True)
    claimed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects: ClassVar = OrderQuerySet.as_manager()

    class Meta(Life.Meta):
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
                fields=["-requested_at", "-id", "owner", "server", "status", "brand_key", "place_key", "findable"],
                name="order_history",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service_name}, {self.country_name}, server {self.server}"

    # --- Buying

    @classmethod
    def request(cls, purchase: Purchase, ordinal: int, **fields: Any) -> Self:
        """Ask for one number of `purchase`; call it in the purchase's own transaction."""
        place = {"purchase": purchase, "ordinal": ordinal, "owner": purchase.buyer}
        order = cls(**place, **fields, not_after=timezone.now() + BUY_WITHIN, upstream=upstream.current())
        order.save(force_insert=True)
        order._tell("requested", order.status, purchase.buyer, "")
        if order.replaces:
            order.replaces.change("replaced", purchase.buyer)
        return order

    @property
    def replaced_by(self) -> "Order | None":
        """The last order that was to take this one's place."""
        return max(self.replacements.all(), key=lambda order: order.pk, default=None)

    @property
    def intent(self) -> uuid.UUID:
        """What the journal knows the order by: the same in a database that was restored from before it was bought."""
        return uuid.uuid5(self.purchase_id, str(self.ordinal))

    def start_buying(self) -> None:
        """Claim the order, so that only one worker ever spends money on it, and only while its owner may buy."""
        now = timezone.now()
        self._move(
            [Order.Status.REQUESTED],
            Order.Status.BUYING,
            only_if=Q(not_after__gt=now, next_attempt_at__lte=now, owner__in=User.who_may(BUY)),
            attempt=self.intent,
            buying_at=now,
        )

    def take_up(self) -> None:
        """Claim a request that was sent already, as the journal knows: this row is from a backup made before."""
        known: dict[str, Any] = {"attempt": self.intent, "buying_at": self.requested_at}
        self._move([Order.Status.REQUESTED], Order.Status.BUYING, words="journal", **known)

    def is_stopped_by_earlier(self) -> bool:
        """Whether an earlier number of the same purchase was refused or is unclear: then no more are bought."""
        earlier = Order.objects.filter(purchase=self.purchase_id, ordinal__lt=self.ordinal)
        return earlier.filter(status__in=[Order.Status.REFUSED, Order.Status.UNCLEAR]).exists()

    @transaction.atomic
    def return_to_queue(self, why: str) -> None:
        """Nothing was sent: try again in 1, 2, 4 seconds, and then give up. Not at all where a cancel is wished."""
        if self.connect_failures + 1 >= CONNECT_TRIES:
            self.record_refusal("certificate" if why == "certificate" else "unreachable")
            return
        pause = timedelta(seconds=2**self.connect_failures)
        self._move(
            [Order.Status.BUYING],
            Order.Status.REQUESTED,
            words=why,
            connect_failures=F("connect_failures") + 1,
            next_attempt_at=timezone.now() + pause,
        )
        if self.cancel_at:
            self.refuse_unsent(WITHDRAWN)

    def record_refusal(self, word: str) -> None:
        """LegitSMS, or we ourselves before anything was sent, said no: nothing was bought."""
        sources = [Order.Status.BUYING, Order.Status.REQUESTED]
        self._end(sources, Order.Status.REFUSED, words=word, outcome=word)

    def refuse_unsent(self, word: str, actor: User | None = None) -> None:
        """End a request that no worker has claimed."""
        self._end([Order.Status.REQUESTED], Order.Status.REFUSED, actor, words=word, outcome=word)

    def record_doubt(self, words: str) -> None:
        """Nobody knows whether something was bought. Never to be sent again; a person settles it."""
        self._move([Order.Status.BUYING], Order.Status.UNCLEAR, words=words, outcome=words)

    @transaction.atomic
    def record_number(self, number: Number, attempt: uuid.UUID | str | None) -> None:
        """The number of this very attempt, however late it is known. The one that it replaces may go now."""
        now = timezone.now()
        unsettled = ~Q(status=Order.Status.REFUSED) | Q(outcome=NOT_BOUGHT)
        self._move(
            [Order.Status.BUYING, Order.Status.UNCLEAR, Order.Status.REFUSED],
            Order.Status.WAITING,
            only_if=Q(attempt=attempt) & unsettled,
            **self._bought(number, self.buying_at or now),
        )
        self._let_replaced_go(self.owner)
        crash.point("before_commit")

    # --- What a person says of an unclear purchase

    def claim_bought(self, actor: User, number: Number) -> None:
        """Keep what a person saw on LegitSMS's own site, until LegitSMS says that it knows the order (`settling`)."""
        claim = {"claimed_id": number.activation_id, "claimed_phone": number.phone, "claimed_by": actor}
        unclear = Q(status=Order.Status.UNCLEAR)
        self.change("claimed", actor, words=number.activation_id, only_if=unclear, next_poll_at=timezone.now(), **claim)

    def start_checking(self) -> None:
        """Take the turn of asking about the claim. It comes round again, should there be no answer."""
        now = timezone.now()
        rows = Order.objects.claimed(now).filter(pk=self.pk)
        if not rows.update(next_poll_at=now + CHECK_EVERY):
            raise StaleOrder(f"order {self.pk}: nothing to check now")
        self.refresh_from_db()

    def refuse_claim(self, why: str) -> None:
        claim = Q(status=Order.Status.UNCLEAR, claimed_id=self.claimed_id)
        outcome = f"{why}: {self.claimed_id}"
        self.change("claim refused", words=outcome, only_if=claim, claimed_id="", outcome=outcome, next_poll_at=None)

    @transaction.atomic
    def settle_bought(self, actor: User, number: Number) -> None:
        """LegitSMS knows what `actor` claimed; in nobody's name, should they not be allowed to settle it now."""
        may = Order.objects.settleable_by(actor).filter(pk=self.pk).exists()
        settler = actor if may else None
        self._move([Order.Status.UNCLEAR], Order.Status.WAITING, settler, **self._bought(number, self.buying_at))
        self._let_replaced_go(actor)

    def settle_not_bought(self, actor: User) -> None:
        self._end([Order.Status.UNCLEAR], Order.Status.REFUSED, actor, outcome=NOT_BOUGHT)

    def write_off(self, actor: User) -> None:
        written_off: dict[str, Any] = {"outcome": "written off", "refund": Order.Refund.UNCONFIRMED}
        asked = self._asked_on() if self.activation_id else {}
        self._end([Order.Status.UNCLEAR], Order.Status.CLOSED, actor, **written_off | asked)

    def _let_replaced_go(self, actor: User) -> None:
        """Cancel the number that this one was bought to replace, if that is wished and it still waits.

        It was wished by somebody who might: the desk does it in nobody's name, should `actor` not be allowed to now.
        """
        if self.replaces and self.cancels_replaced:
            may = Order.objects.actionable_by(actor).filter(pk=self.replaces.pk).exists()
            with contextlib.suppress(StaleOrder):
                self.replaces.wish_cancel(actor if may else None)

    def _bought(self, number: Number, at: datetime | None) -> dict[str, Any]:
        """The fields of a number that was bought `at`; its polls start at a phase of their own within the interval."""
        now = timezone.now()
        wait = settings.CANCEL_AFTER / upstream.pace(self.upstream)
        return {
            "activation_id": number.activation_id,
            "phone": number.phone,
            "bought_at": at or now,
            "cancel_at": Case(When(cancel_at__isnull=False, then=(at or now) + wait)),
            "outcome": "",
            "ended_at": None,
            "hidden_at": None,
            "poll_every": POLL_EVERY,
            "next_poll_at": now + POLL_EVERY * (self.pk * GOLDEN % 1),
        }
