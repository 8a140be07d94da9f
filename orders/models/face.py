"""What an order looks like: the words, times and numbers that its card shows."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils import timezone

from catalog.upstream import pace
from orders import phones, words
from orders.models.queries import BOARD_KEEPS, OPEN

LABELS = {
    "buying": "Buying…",
    "waiting": "Waiting",
    "cancel-planned": "Cancel planned",
    "cancelling": "Cancelling…",
    "received": "Code received",
    "finishing": "Finishing…",
    "finished": "Finished",
    "cancelled": "Cancelled, refunded",
    "closed": "Closed by LegitSMS",
    "refused": "Not bought",
    "unclear": "Unclear",
}

ICONS = {
    "buying": "dashed",
    "waiting": "ring",
    "cancel-planned": "clock",
    "cancelling": "dashed",
    "received": "circle-check",
    "finishing": "dashed",
    "finished": "check",
    "cancelled": "ban",
    "closed": "square-x",
    "refused": "square-x",
    "unclear": "unclear",
}


class Face:
    """Mixed into `Order`. Derives everything, stores nothing."""

    if TYPE_CHECKING:
        status: Any
        upstream: Any
        bought_at: Any
        received_at: Any
        polled_at: Any
        poll_every: Any
        next_poll_at: Any
        cancel_at: Any
        finish_at: Any
        is_closing: Any
        phone: Any
        hidden_at: Any
        ended_at: Any

    @property
    def state(self) -> str:
        """The status as people tell it apart; one word for CSS, one label for the card."""
        if self.status == "waiting" and self.cancel_at:
            return "cancelling" if self.is_closing else "cancel-planned"
        if self.status == "received" and self.finish_at:
            return "finishing"
        return "buying" if self.status == "requested" else str(self.status)

    @property
    def state_label(self) -> str:
        if self.state == "closed" and getattr(self, "outcome", "") == "written off":
            return "Written off"
        return LABELS[self.state]

    @property
    def state_icon(self) -> str:
        """The shape that says the same, in the sheet of icons."""
        return ICONS[self.state]

    @property
    def told(self) -> str:
        return words.told(self)  # type: ignore[arg-type]  # only Order mixes this in

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    @property
    def is_on_board(self) -> bool:
        """The same question as `OrderQuerySet.on_board`, of one order."""
        return self.is_open or (self.hidden_at is None and self.ended_at > timezone.now() - BOARD_KEEPS)

    @property
    def phone_formats(self) -> list[phones.Format]:
        return phones.formats(self.phone)

    @property
    def phone_shown(self) -> str:
        return phones.international(self.phone) if self.phone else ""

    @property
    def cancellable_at(self) -> datetime | None:
        """When LegitSMS begins to allow cancelling."""
        return self.bought_at + settings.CANCEL_AFTER / pace(self.upstream) if self.bought_at else None

    @property
    def is_cancellable_now(self) -> bool:
        return self.cancellable_at is not None and self.cancellable_at <= timezone.now()

    @property
    def expected_end_at(self) -> datetime | None:
        """An estimate: LegitSMS does not state how long a number lives."""
        return self.bought_at + settings.EXPECTED_LIFE / pace(self.upstream) if self.bought_at else None

    @property
    def waited(self) -> timedelta | None:
        return self.received_at - self.bought_at if self.received_at and self.bought_at else None
