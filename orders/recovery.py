"""The tick: finds by itself every order that a lost message, a dead worker or a full disk left behind."""

import logging
from collections.abc import Callable, Iterable
from datetime import timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import Q
from django.utils import timezone

import legitsms
from catalog import upstream
from catalog.upstream import Upstream
from legitsms import Client, LegitSMSError
from orders import cards, journal, purchasing
from orders.hearing import note_weather, read_status
from orders.models import Order, OrderEvent, StaleOrder, Weather
from orders.models.order import NOT_BOUGHT
from orders.models.queries import ANSWERING

OVERHEARD_AFTER = timedelta(seconds=2)  # a bell that was heard has had its effect by then
LOST_AFTER = timedelta(seconds=60)  # longer than any answer can take
CAPPED_EVERY = timedelta(minutes=5)
SOON = timedelta(minutes=1)
log = logging.getLogger(__name__)


def each(orders: Iterable[Order], step: Callable[[Order], None]) -> None:
    """Take `step` with every order. One that has moved on is left alone, and one that fails holds no other back.

    Not even where it fails because the database ended the connection: the next order gets a new one.
    """
    for order in orders:
        try:
            step(order)
        except StaleOrder:
            pass
        except Exception:
            log.exception("order %s could not be served", order.pk)
            if not connection.is_usable():
                connection.close()


def refuse_stale() -> None:
    """End requests whose time is over: bought now, they would be a surprise."""
    late = Order.objects.first_in_line().filter(not_after__lte=timezone.now())
    each(late, lambda order: order.refuse_unsent("too old"))


def read_journal_back() -> None:
    """Give orders the numbers that were written down before the database could take them, or before it was restored."""
    now = timezone.now()
    unfinished = Q(status="buying", buying_at__lte=now - OVERHEARD_AFTER) | Q(status__in=["unclear", "requested"])
    kept_since = now - journal.KEPT
    said_no = Q(status="refused", outcome=NOT_BOUGHT)
    candidates = Order.objects.filter(unfinished | said_no, requested_at__gte=kept_since)
    if not candidates.exists():
        return
    known = journal.entries(journal.home())

    def look_up(order: Order) -> None:
        if entry := known.get(str(order.attempt or order.intent)):
            purchasing.recall(order, entry)

    each(candidates, look_up)


def without_order() -> list[journal.Entry]:
    """Numbers that were bought for no order that is here: the database was restored to before their request."""
    known = journal.entries(journal.home()).values()
    orders = Order.objects.only("purchase_id", "ordinal").filter(pk__in={entry.order for entry in known})
    ours = {str(order.intent) for order in orders}
    return [entry for entry in known if entry.attempt not in ours]


_in_place: dict[Path, int] = {}  # how many codes of each file this process has seen in the database


def read_codes_back() -> None:
    """Give orders the codes that were written down and are not in the database: who read them died, or it was restored.

    What the team's policy has deleted stays so.
    """
    for path, messages in journal.messages(journal.home()).items():
        news = messages[_in_place.get(path, 0) :]
        if news and are_in_place(news):
            _in_place[path] = len(messages)


def are_in_place(messages: list[journal.Message]) -> bool:
    """Whether every code of `messages` was with its order already; those that were not come there now."""
    numbers = {message.activation_id for message in messages}
    rows = Order.objects.filter(activation_id__in=numbers).prefetch_related("codes")
    orders = {(order.upstream, order.activation_id): order for order in rows}
    are_all_here = True
    for message in messages:
        order = orders.get((message.upstream, message.activation_id))
        if not order:  # somebody may still say that the number belongs to an unclear one
            are_all_here = False
        elif not order.forgotten_at and message.text not in {code.text for code in order.codes.all()}:
            are_all_here = False
            each([order], partial(Order.record_code, text=message.text))
    return are_all_here


def doubt_lost() -> None:
    """A purchase whose worker died is unclear: it may have been sent, so it is never sent again."""
    lost = Order.objects.filter(status="buying", buying_at__lte=timezone.now() - LOST_AFTER)
    each(lost, lambda order: order.record_doubt("worker lost"))


def flag_capped() -> None:
    """An order that LegitSMS never ends needs a person; it is asked on, slowly."""
    each(Order.objects.past_cap(timezone.now()), lambda order: order.ask_for_attention(CAPPED_EVERY))


def cancel_in_time() -> None:
    """Cancel what nobody cancelled, while that still brings the money back."""
    if settings.CANCEL_BEFORE_END:
        each(Order.objects.ending(timezone.now()), Order.cancel_in_time)


def finish_unconfirmed() -> None:
    """Someone is done with these, and LegitSMS never confirmed it within their whole life."""
    old = timezone.now() - settings.HARD_CAP
    wished = OrderEvent.objects.filter(what="finish wished", at__lte=old)
    done = Order.objects.filter(status="received", finish_at__isnull=False, events__in=wished).distinct()
    each(done, lambda order: order.record_finished("unconfirmed"))


def believe_new_key() -> None:
    """A key that an administrator has just entered counts as good until LegitSMS says otherwise."""
    since = None if settings.LEGITSMS_API_KEY else upstream.stored().since
    refused = Weather.objects.filter(upstream=Upstream.LIVE, bad_key_since__lt=since) if since else None
    if refused and refused.update(bad_key_since=None):
        cards.announce_banner()


def probe_key(known: Upstream, client: Client) -> None:
    """While the key counts as refused and no order is soon asked about with it, ask about the last one that there was.

    Otherwise nothing would ever find out that the key is good again.
    """
    numbers = Order.objects.filter(upstream=known).exclude(activation_id="")
    soon = timezone.now() + SOON  # one that ended upstream after its code is open, and never asked about
    if not Weather.of(known).bad_key_since or numbers.filter(status__in=ANSWERING, next_poll_at__lte=soon).exists():
        return
    if Weather.may_probe(known):
        last = numbers.first()
        try:
            status = read_status(known, last.activation_id if last else "0", client)
        except LegitSMSError as fault:
            note_weather(known, fault)
        else:
            note_weather(known, None)
            if last and isinstance(status, legitsms.Code):
                last.record_code(status.text)


def overheard_requests() -> list[int]:
    """Requests whose bell nobody heard."""
    now = timezone.now()
    waiting = Order.objects.first_in_line().filter(next_attempt_at__lte=now, requested_at__lte=now - OVERHEARD_AFTER)
    return list(waiting.values_list("pk", flat=True)[:100])


def due_wishes() -> list[int]:
    """Wishes to be sent now; with a refused key they wait, as polling does."""
    wished = Order.objects.wished(timezone.now()).filter(upstream__in=open_to_us())
    return list(wished.values_list("pk", flat=True)[:100])


def open_claims() -> list[int]:
    """What people say was bought, and LegitSMS is to be asked about now."""
    claimed = Order.objects.claimed(timezone.now()).filter(upstream__in=open_to_us())
    return list(claimed.values_list("pk", flat=True)[:100])


def open_to_us() -> list[Upstream]:
    return [known for known in upstream.askable() if not Weather.of(known).bad_key_since]
