"""How anything about an order changes: one conditional UPDATE, one line of history, one card on every screen."""

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from orders import cards
from orders.models.event import OrderEvent
from team.models import User

if TYPE_CHECKING:
    from orders.models.order import Order


class StaleOrder(Exception):  # noqa: N818  the fact, not an error: somebody else was first
    """The order is no longer in the state that the step starts from. Nothing was changed."""


class Life(models.Model):
    """Where an order stands. Only `change` and `_move` write here, and of two racing processes the first wins."""

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

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.REQUESTED)
    version = models.PositiveIntegerField(default=1)
    outcome = models.CharField(
        max_length=300, blank=True, help_text="Why it is where it is, in one word of ours or theirs."
    )
    refund = models.CharField(max_length=11, choices=Refund.choices, blank=True)
    requested_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    hidden_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True, help_text="Its number and codes were deleted then.")

    objects: ClassVar[Any]

    class Meta:
        abstract = True
        ordering = ("-requested_at", "-pk")

    @transaction.atomic
    def change(
        self, what: str, actor: User | None = None, *, words: str = "", only_if: Q | None = None, **fields: Any
    ) -> None:
        """Change something besides the status, on everybody's screen and in the order's history.

        Raises `StaleOrder`, and changes nothing, where `only_if` no longer holds.
        """
        if not type(self).objects.filter(only_if or Q(), pk=self.pk).update(version=F("version") + 1, **fields):
            raise StaleOrder(f"order {self.pk}: too late for «{what}»")
        self.refresh_from_db()
        self._tell(what, self.status, actor, words)

    def _end(self, sources: list[Status], target: Status, actor: User | None = None, **fields: Any) -> None:
        ended: dict[str, Any] = {"ended_at": timezone.now(), "next_poll_at": None, "cancel_at": None, "finish_at": None}
        self._move(sources, target, actor, **ended | {"is_closing": False} | fields)

    @transaction.atomic
    def _move(
        self,
        sources: list[Status],
        target: Status,
        actor: User | None = None,
        *,
        words: str = "",
        only_if: Q | None = None,
        **fields: Any,
    ) -> None:
        """Change status in one UPDATE that only the first of two racing processes wins."""
        # Locked where the database can: an end and a code at the same moment must not both find the order waiting
        locked = type(self).objects.select_for_update(no_key=True).filter(pk=self.pk)
        source = locked.values_list("status", flat=True).get()
        row = type(self).objects.filter(only_if or Q(), pk=self.pk, status=source)
        if source not in sources or not row.update(status=target, version=F("version") + 1, **fields):
            raise StaleOrder(f"order {self.pk} is {source}, too late for {target}")
        self.refresh_from_db()
        self._tell("moved", source, actor, words)

    def _tell(self, what: str, source: str, actor: User | None, words: str) -> None:
        order = cast("Order", self)
        OrderEvent.objects.create(
            order=order, what=what, source=source, target=self.status, actor=actor, words=words[:300]
        )
        transaction.on_commit(lambda: cards.announce(order), robust=True)  # of a partial, Django cannot log the fault
