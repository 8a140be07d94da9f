"""Taking in what LegitSMS says: of a number, and of the team's wallet and key."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone

import legitsms
from legitsms import Client, LegitSMSError
from orders import cards, crash
from orders.journal import Message, journal
from orders.models import Order, Weather

log = logging.getLogger(__name__)
SILENCE = timedelta(seconds=10)
ANSWERED: dict[str, datetime | None] = {"silent_since": None, "untrusted_since": None, "bad_key_since": None}
Heard = legitsms.Status | LegitSMSError


def read_status(upstream: str, activation_id: str, client: Client) -> legitsms.Status:
    """Send getStatus, and write a code that comes back down. Raises what the client raises."""
    journal().is_ready()  # the disk may be full by then
    status = client.get_status(activation_id)
    write_down(upstream, activation_id, status)
    return status


def write_down(upstream: str, activation_id: str, answer: object) -> None:
    """Keep a code in the journal before anything else is done with it.

    Should this process die, or the database be away, the next answer may hold a second code, and the first no more.
    """
    if isinstance(answer, legitsms.Code):
        crash.point("code_before_journal")
        try:
            journal().write(Message(upstream, activation_id, answer.text))
        except OSError:
            log.exception("the journal did not take the code of number %s; the database may", activation_id)
        crash.point("code_after_journal")


def words_of(fault: LegitSMSError) -> str:
    """What happened, and how upstream's answer began, for the order's history. Holds no key (see `legitsms`)."""
    return f"{fault.kind}: {fault.excerpt}" if fault.excerpt else fault.kind


def hear(order: Order, status: legitsms.Status) -> bool:
    """Record what getStatus said of `order`. True if that settles it: a code is there, or upstream has closed it."""
    match status:
        case legitsms.Code(text=text):
            order.record_code(text)
        case legitsms.Closed() if order.status == Order.Status.WAITING:
            order.record_closed()
        case legitsms.Closed() if not order.is_open:
            order.record_nothing_new()
        case legitsms.Closed():  # never touches a code that is already here
            order.change("ended upstream", words="STATUS_CANCEL", next_poll_at=None)
        case legitsms.Waiting():
            order.record_nothing_new()
            return False
    return True


def note_weather(upstream: str, fault: LegitSMSError | None) -> None:
    """Keep what the last answer tells about the key, the wallet and the line, and tell every banner if it is news.

    `fault` None is an answer as it should be.
    """
    now = timezone.now()
    answered = Order.objects.answered_since(now - SILENCE)
    match fault:
        case legitsms.BadKey():
            news = ANSWERED | {"bad_key_since": now}
        case legitsms.NoBalance():
            news = ANSWERED | {"no_balance_since": now}
        case legitsms.NotSent(kind="certificate"):
            news = {"untrusted_since": now}
        case legitsms.NotSent() | legitsms.Uncertain() if answered.filter(upstream=upstream).exists():
            return  # others were answered: one order without an answer does not make an outage
        case legitsms.NotSent() | legitsms.Uncertain():
            news = {"silent_since": now}
        case _:
            news = ANSWERED
    known = Weather.of(upstream)
    changed = {name: at for name, at in news.items() if (getattr(known, name) is None) != (at is None)}
    if changed and Weather.mark(upstream, **changed):
        cards.announce_banner()
