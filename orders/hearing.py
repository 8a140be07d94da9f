"""Taking in what LegitSMS says: of a number, and of the team's wallet and key."""

from datetime import timedelta

from django.utils import timezone

import legitsms
from legitsms import LegitSMSError
from orders import cards
from orders.models import Order, Weather

SILENCE = timedelta(seconds=10)
Heard = legitsms.Status | LegitSMSError


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
            news = {"bad_key_since": now, "silent_since": None}
        case legitsms.NoBalance():
            news = {"no_balance_since": now, "bad_key_since": None, "silent_since": None}
        case legitsms.NotSent() | legitsms.Uncertain() if answered.filter(upstream=upstream).exists():
            return  # others were answered: one order without an answer does not make an outage
        case legitsms.NotSent() | legitsms.Uncertain():
            news = {"silent_since": now}
        case _:
            news = {"bad_key_since": None, "silent_since": None}
    known = Weather.of(upstream)
    changed = {name: at for name, at in news.items() if (getattr(known, name) is None) != (at is None)}
    if changed and Weather.mark(upstream, **changed):
        cards.announce_banner()
