"""The order, and every step of its life."""

import contextlib
import random
import uuid
from datetime import datetime, timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from catalog import upstream
from catalog.models import Server
from catalog.upstream import Upstream
from legitsms import Number
from orders.models.event import Code
from orders.models.face import Face
from orders.models.life import Life, StaleOrder
from orders.models.purchase import Purchase
from orders.models.queries import OrderQuerySet
from team.models import User

BUY_WITHIN = timedelta(seconds=120)  # a request older than this would be a surprise purchase
POLL_EVERY = timedelta(seconds=3)
POLL_RECEIVED_EVERY = timedelta(seconds=30)  # a second message may follow the first
CONNECT_TRIES = 3
SLOWEST_RETRY = timedelta(seconds=25)  # with its jitter, 30
UNCHECKED_AFTER = timedelta(seconds=30)
UNKNOWN_TIMES, UNKNOWN_FOR = 3, timedelta(seconds=60)  # NO_ACTIVATION this often, for this long, needs a person
POLL_UNKNOWN_EVERY = timedelta(seconds=60)
GOLDEN = 0.618  # multiples of it spread evenly over the interval
WISH_AGAIN_AFTER = timedelta(seconds=15)  # longer than a cancel's three calls usually take; a repeat is safe
NOT_BOUGHT = "not bought"  # the outcome that a person, not LegitSMS, gave


class Order(Face, Life):
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
    note = models.CharField(max_length=200, blank=True)
    brand_key = models.CharField(max_length=130, blank=True, help_text="The brand and place over all servers.")
    place_key = models.CharField(max_length=130, blank=True)
    replaces = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="replacements")
    cancels_replaced = models.BooleanField(default=False, help_text="Once this number is here, the other one may go.")

    # Buying
    not_after = models.DateTimeField()
    next_attempt_at = models.DateTimeField(default=timezone.now)
    connect_failures = models.PositiveSmallIntegerField(default=0)
    attempt = models.UUIDField(null=True, blank=True)
    buying_at = models.DateTimeField(null=True, blank=True)
    bought_at = models.DateTimeField(null=True, blank=True)
    activation_id = models.CharField(max_length=64, blank=True, help_text="LegitSMS's ORDER_ID.")
    phone = models.CharField(max_length=20, blank=True)

    # Polling: `next_poll_at` is the lease, empty when upstream need not be asked
    next_poll_at = models.DateTimeField(null=True, blank=True)
    poll_every = models.DurationField(default=POLL_EVERY)
    polled_at = models.DateTimeField(null=True, blank=True)
    poll_failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    is_unchecked = models.BooleanField(default=False, help_text="LegitSMS has not answered about it for half a minute.")
    unknown_since = models.DateTimeField(null=True, blank=True)
    unknown_times = models.PositiveIntegerField(default=0)
    needs_attention = models.BooleanField(default=False)
    received_at = models.DateTimeField(null=True, blank=True)

    # Wishes: the tick sends them when LegitSMS allows
    cancel_at = models.DateTimeField(null=True, blank=True)
    finish_at = models.DateTimeField(null=True, blank=True)
    is_closing = models.BooleanField(default=False, help_text="The wish is being sent.")

    copied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    copied_at = models.DateTimeField(null=True, blank=True)

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

    def start_buying(self) -> None:
        """Claim the order, so that only one worker ever spends money on it."""
        now = timezone.now()
        self._move(
            [Order.Status.REQUESTED],
            Order.Status.BUYING,
            only_if=Q(not_after__gt=now, next_attempt_at__lte=now),
            attempt=uuid.uuid4(),
            buying_at=now,
        )

    def is_stopped_by_earlier(self) -> bool:
        """Whether an earlier number of the same purchase was refused or is unclear: then no more are bought."""
        earlier = Order.objects.filter(purchase=self.purchase_id, ordinal__lt=self.ordinal)
        return earlier.filter(status__in=[Order.Status.REFUSED, Order.Status.UNCLEAR]).exists()

    def return_to_queue(self, why: str) -> None:
        """Nothing was sent: try again in 1, 2, 4 seconds, and then give up."""
        if self.connect_failures + 1 >= CONNECT_TRIES:
            self.record_refusal("unreachable")
            return
        pause = timedelta(seconds=2**self.connect_failures)
        self._move(
            [Order.Status.BUYING],
            Order.Status.REQUESTED,
            words=why,
            connect_failures=F("connect_failures") + 1,
            next_attempt_at=timezone.now() + pause,
        )

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
        if self.replaces and self.cancels_replaced:
            with contextlib.suppress(StaleOrder):
                self.replaces.wish_cancel(self.owner)

    # --- What a person says of an unclear purchase

    def settle_bought(self, actor: User, number: Number) -> None:
        self._move([Order.Status.UNCLEAR], Order.Status.WAITING, actor, **self._bought(number, self.buying_at))

    def settle_not_bought(self, actor: User) -> None:
        self._end([Order.Status.UNCLEAR], Order.Status.REFUSED, actor, outcome=NOT_BOUGHT)

    def write_off(self, actor: User) -> None:
        unconfirmed = Order.Refund.UNCONFIRMED
        self._end([Order.Status.UNCLEAR], Order.Status.CLOSED, actor, outcome="written off", refund=unconfirmed)

    # --- What LegitSMS says of a number

    @transaction.atomic
    def record_code(self, text: str) -> None:
        """Store what LegitSMS received, first of all; a different text later is a second message."""
        _, is_new = Code.objects.get_or_create(order=self, text=text)
        if not is_new:
            self.record_nothing_new()
            return
        sources = [Order.Status.WAITING, Order.Status.CANCELLED, Order.Status.CLOSED]
        now = timezone.now()
        try:
            self._move(
                sources,
                Order.Status.RECEIVED,
                **self._checked(),
                received_at=now,
                ended_at=None,
                hidden_at=None,
                refund="",
                outcome="",
                cancel_at=None,
                is_closing=False,
                poll_every=POLL_RECEIVED_EVERY,
                next_poll_at=now + POLL_RECEIVED_EVERY,
            )
        except StaleOrder:
            self.change("another code", **self._checked())

    def record_closed(self) -> None:
        """STATUS_CANCEL: over, without a word about the money."""
        self._end([Order.Status.WAITING], Order.Status.CLOSED, words="STATUS_CANCEL", refund=Order.Refund.UNCONFIRMED)

    def record_cancelled(self) -> None:
        """ACCESS_CANCEL: the only answer that promises the money back."""
        self._end([Order.Status.WAITING], Order.Status.CANCELLED, words="ACCESS_CANCEL", refund=Order.Refund.CONFIRMED)

    def record_finished(self, words: str) -> None:
        self._end([Order.Status.RECEIVED], Order.Status.FINISHED, words=words)

    def record_nothing_new(self) -> None:
        """A good answer; after trouble the card says so, and the order is asked as often as before."""
        if self.is_unchecked or self.unknown_times:
            every = POLL_RECEIVED_EVERY if self.status == Order.Status.RECEIVED else POLL_EVERY
            self.change("checked again", **self._checked(), poll_every=every)
        else:
            Order.objects.filter(pk=self.pk).update(polled_at=timezone.now(), poll_failures=0, problem="")

    def record_silence(self, words: str) -> None:
        """No answer, or none that makes sense: ask again, ever later, and say so on the card after half a minute."""
        pause = min(POLL_EVERY * 2 ** min(self.poll_failures, 5), SLOWEST_RETRY) * random.uniform(1, 1.2)  # noqa: S311  jitter
        now = timezone.now()
        asked = Order.objects.filter(pk=self.pk, next_poll_at__isnull=False)
        asked.update(poll_failures=F("poll_failures") + 1, problem=words[:300], next_poll_at=now + pause)
        if words[:300] != self.problem:
            self.change("answer", words=words)
        if not self.is_unchecked and now - (self.polled_at or self.bought_at or now) > UNCHECKED_AFTER:
            self.change("not checked", only_if=Q(is_unchecked=False), is_unchecked=True)

    def record_unknown(self) -> None:
        """NO_ACTIVATION ends nothing: after three of them over a minute a person should look, and we ask on, slowly."""
        now = timezone.now()
        since = self.unknown_since or now
        Order.objects.filter(pk=self.pk).update(
            unknown_times=F("unknown_times") + 1, unknown_since=since, polled_at=now
        )
        if self.unknown_times + 1 >= UNKNOWN_TIMES and now - since >= UNKNOWN_FOR:
            self.ask_for_attention(POLL_UNKNOWN_EVERY)

    def ask_for_attention(self, poll_every: timedelta) -> None:
        with contextlib.suppress(StaleOrder):
            self.change(
                "needs attention", only_if=Q(needs_attention=False), needs_attention=True, poll_every=poll_every
            )

    # --- What people wish

    def wish_cancel(self, actor: User) -> None:
        """Cancel as soon as LegitSMS allows. A code that comes first wins."""
        at = max(self.cancellable_at or timezone.now(), timezone.now())
        wished = Q(status=Order.Status.WAITING, cancel_at=None)
        self.change("cancel wished", actor, only_if=wished, cancel_at=at)

    def keep(self, actor: User) -> None:
        """Take the wish back, unless it is being sent."""
        still = Q(status=Order.Status.WAITING, cancel_at__isnull=False, is_closing=False)
        self.change("cancel withdrawn", actor, only_if=still, cancel_at=None)

    def wish_finish(self, actor: User) -> None:
        wished = Q(status=Order.Status.RECEIVED, finish_at=None)
        self.change("finish wished", actor, only_if=wished, finish_at=timezone.now())

    def hide(self, actor: User) -> None:
        """Take an ended order off everybody's board before its time."""
        self.change("hidden", actor, only_if=Q(ended_at__isnull=False, hidden_at=None), hidden_at=timezone.now())

    def note_copy(self, actor: User) -> None:
        """Tell the others that someone has taken the code."""
        self.change("copied", actor, copied_by=actor, copied_at=timezone.now())

    def start_closing(self) -> None:
        """Claim the wish that is due. It comes round again, should this worker be lost."""
        now = timezone.now()
        again = now + WISH_AGAIN_AFTER
        if self.status == Order.Status.RECEIVED:
            due = Q(status=Order.Status.RECEIVED, finish_at__lte=now)
            self.change("finish sent", only_if=due, is_closing=True, finish_at=again)
        else:
            due = Q(status=Order.Status.WAITING, cancel_at__lte=now)
            self.change("cancel sent", only_if=due, is_closing=True, cancel_at=again)

    def _checked(self) -> dict[str, Any]:
        """The fields of an order about which LegitSMS has just said something good: no trouble is left."""
        trouble = {"problem": "", "is_unchecked": False, "needs_attention": False, "unknown_since": None}
        return {**trouble, "poll_failures": 0, "unknown_times": 0, "polled_at": timezone.now()}

    def _bought(self, number: Number, at: datetime | None) -> dict[str, Any]:
        """The fields of a number that was bought `at`; its polls start at a phase of their own within the interval."""
        now = timezone.now()
        return {
            "activation_id": number.activation_id,
            "phone": number.phone,
            "bought_at": at or now,
            "outcome": "",
            "ended_at": None,
            "hidden_at": None,
            "poll_every": POLL_EVERY,
            "next_poll_at": now + POLL_EVERY * (self.pk * GOLDEN % 1),
        }
