"""The presenter of an order: made of the order and of what its viewer may do."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, cached_property
from typing import NamedTuple
from urllib.parse import urlencode

from django.urls import reverse
from django.utils import timezone

from orders.code_visibility import CodeVisibility
from orders.models import WRITTEN_OFF, Code, Order, OrderEvent
from orders.models.querysets import SHOWN_AFTER_END
from orders.permissions import OrderPermissions
from orders.presentation import phone_numbers, wording
from orders.presentation.actions import Action, OrderActions

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
LONG_CODE = 12  # characters; a longer one is set smaller
NO_PERMISSIONS = OrderPermissions(acts=False, settles=False, sees_codes=False)
NO_CODES = CodeVisibility(may_see=False)


@dataclass(frozen=True, slots=True)
class CodeLine:
    """One received message as its viewer sees it."""

    code: Code
    text: str
    is_masked: bool

    @property
    def is_long(self) -> bool:
        return len(self.text) > LONG_CODE


@dataclass(frozen=True, slots=True)
class EventLine:
    """One line of the history as its viewer sees it."""

    event: OrderEvent
    detail: str

    @property
    def text(self) -> str:
        return wording.event_text(self.event)


class Link(NamedTuple):
    url: str
    text: str


@dataclass
class OrderCard:
    """Everything that a card, a row or a page shows of one order. Derives, stores nothing.

    `is_page`: the order's own page, which shows a hidden order too.
    """

    order: Order
    permissions: OrderPermissions = NO_PERMISSIONS
    visibility: CodeVisibility = NO_CODES
    notice: str = ""
    is_page: bool = False

    @cached_property
    def pk(self) -> str:
        return str(self.order.pk)

    @cached_property
    def path(self) -> str:
        """The address of the order's page. Its actions are below it."""
        return order_path(self.order.pk)

    @cached_property
    def state(self) -> str:
        """The status as people tell it apart: a word for CSS, with a label and an icon."""
        order = self.order
        if order.status == "waiting" and order.cancel_at:
            return "cancelling" if order.is_sending_action else "cancel-planned"
        if order.status == "received" and order.finish_at:
            return "finishing"
        return "buying" if order.status == "requested" else str(order.status)

    @property
    def state_label(self) -> str:
        is_written_off = self.state == "closed" and self.order.outcome == WRITTEN_OFF
        return "Written off" if is_written_off else LABELS[self.state]

    @property
    def state_icon(self) -> str:
        return ICONS[self.state]

    @property
    def is_waiting(self) -> bool:
        return self.order.status == "waiting"

    @cached_property
    def message(self) -> str:
        """What the card says below its heading; empty where the card needs no words."""
        return wording.message(self.order)

    @property
    def is_shown(self) -> bool:
        """Whether the board shows it: the same question as `OrderQuerySet.on_board`, for one order."""
        order = self.order
        is_recent = order.hidden_at is None and order.ended_at and order.ended_at > timezone.now() - SHOWN_AFTER_END
        return self.is_page or order.is_open or bool(is_recent)

    @property
    def search_words(self) -> str:
        """What the board's search field looks in."""
        order = self.order
        words = (order.phone, order.service_name, order.country_name, order.note, order.owner.short_name)
        return " ".join(words)

    @property
    def began_at(self) -> datetime:
        return self.order.bought_at or self.order.requested_at

    @property
    def ring_ends_at(self) -> datetime | None:
        """When the ring of a waiting card is full: its planned cancel, or the time from which it can be cancelled."""
        return self.order.cancel_at or self.order.cancellable_at

    @property
    def price_text(self) -> str:
        """Empty before the number is bought."""
        if not self.order.bought_at:
            return ""
        return "price not published" if self.order.price is None else wording.dollars(self.order.price)

    @property
    def replacement_links(self) -> list[Link]:
        """The order that this one replaces, and the one that replaces it."""
        pairs = (("Replaces", self.order.replaces), ("Replaced by", self.order.replaced_by))
        return [
            Link(self._address(other), f"{verb} the number on server {other.server}") for verb, other in pairs if other
        ]

    def _address(self, other: Order) -> str:
        return order_path(other.pk) if self.is_page else f"#order-{other.pk}"

    # --- The number

    @cached_property
    def phone_formats(self) -> list[phone_numbers.Format]:
        return phone_numbers.formats(self.order.phone)

    @property
    def phone(self) -> str:
        return phone_numbers.international(self.order.phone) if self.order.phone else ""

    # --- The codes

    @cached_property
    def codes(self) -> list[CodeLine]:
        """The received messages, the oldest first."""
        see = self.visibility
        return [CodeLine(code, see.text(code), see.hides(code)) for code in self.order.codes.all()]

    @property
    def latest_code(self) -> CodeLine | None:
        return self.codes[-1] if self.codes else None

    @property
    def earlier_codes(self) -> list[CodeLine]:
        """The messages before the latest one, the newest first."""
        return self.codes[-2::-1]

    @property
    def can_reveal(self) -> bool:
        """Whether the viewer may unmask codes that are masked because they are old."""
        return self.visibility.may_see and bool(self.codes) and self.codes[0].is_masked

    @property
    def waited_seconds(self) -> int | None:
        """How long the first code took; None for a later one, whose time is shown instead."""
        waited = self.order.waited
        return int(waited.total_seconds()) if waited is not None and len(self.codes) == 1 else None

    @property
    def waited_text(self) -> str:
        """As hours, minutes and seconds: `0:01:04`."""
        return str(timedelta(seconds=self.waited_seconds or 0))

    # --- What may be pressed

    @cached_property
    def actions(self) -> OrderActions:
        latest = self.latest_code
        return OrderActions(
            self.state,
            self.permissions,
            self.path,
            self.review_url,
            self.buy_url,
            can_copy_code=latest is not None and not latest.is_masked,
            can_copy_number=bool(self.order.phone) and not self.order.is_open,
        )

    @cached_property
    def menu(self) -> list[Action]:
        return self.actions.menu()

    @cached_property
    def buttons(self) -> list[Action]:
        return self.actions.buttons()

    @property
    def buy_url(self) -> str:
        """The Buy page with the same brand and place."""
        same = {"service": self.order.brand_key, "country": self.order.place_key}
        return f"{_reverse('orders:buy')}?{urlencode(same)}"

    @property
    def review_url(self) -> str:
        """The purchase dialog for the same offer."""
        same = {"server": self.order.server, "country": self.order.country, "service": self.order.service}
        return f"{_reverse('orders:review')}?{urlencode(same)}"

    # --- The history

    def timeline(self) -> list[EventLine]:
        """The history, oldest first. What may quote a code is shown to those who may see codes."""
        events = self.order.events.select_related("actor")
        return [EventLine(event, self._detail(event)) for event in events]

    def _detail(self, event: OrderEvent) -> str:
        return event.detail if self.visibility.may_see or not event.may_quote_a_code else ""


@cache
def _reverse(name: str) -> str:
    """`reverse`, once per name: a hundred times would be a fifth of the board's time."""
    return reverse(name)


@cache
def _path_parts() -> tuple[str, str]:
    before, _, after = reverse("orders:detail", args=[0]).partition("0")
    return before, after


def order_path(pk: int) -> str:
    """The address of an order's page."""
    before, after = _path_parts()
    return f"{before}{pk}{after}"
