"""The steps that touch money: buying a number, cancelling it, finishing it. One call, one recorded outcome."""

from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

import legitsms
from legitsms import Client, LegitSMSError, NotSent, Refused, Uncertain
from orders import cards, crash, journal
from orders.hearing import hear, note_weather, read_status, words_of, write_down
from orders.models import Heartbeat, Order, Weather
from orders.models.order import BUY_WITHIN

ASK_AGAIN_AFTER = timedelta(seconds=15)  # after a cancel that was too early


def buy(order: Order, client: Client, log: journal.Journal) -> None:
    """Buy a number for a requested order and record the answer, whatever it is.

    getNumber leaves at most once: the order is claimed before, and only a call that provably was not sent is repeated.
    Raises `StaleOrder` where another worker was first.
    """
    if entry := journal.entries(log.folder).get(str(order.intent)):
        recall(order, entry)
        return
    if hindrance := may_not_buy(order, log):
        order.refuse_unsent(hindrance)
        return
    crash.point("before_claim")
    order.start_buying()
    crash.point("after_claim")
    try:
        number = client.get_number(service=order.service, country=order.country, server=order.server)
    except NotSent as failure:
        if failure.kind == "input":  # no further try would be sent either
            order.record_refusal("input")
        else:
            order.return_to_queue(failure.kind)
    except Refused as refusal:
        order.record_refusal(refusal.word)
        note_weather(order.upstream, refusal)
    except Uncertain as doubt:
        order.record_doubt(words_of(doubt))
    else:
        keep(order, number, log)


def may_not_buy(order: Order, log: journal.Journal) -> str:
    """Why `order` must not be bought now, in a word of `orders.words`; empty when all is well."""
    if not Order.objects.of_buyers().filter(pk=order.pk).exists():
        return "permission"
    if order.not_after <= timezone.now():
        return "too old"
    if order.is_stopped_by_earlier():
        return "stopped"
    if Heartbeat.dead():
        return "nobody polls"
    if Weather.of(order.upstream).bad_key_since:
        return "BAD_KEY"
    return "" if log.is_ready() and journal.is_whole(log.folder) else "journal"


def keep(order: Order, number: legitsms.Number, log: journal.Journal) -> None:
    """The answer goes to the journal first: the database may be down or full, and the tick reads the journal back."""
    crash.point("after_reply_before_journal")
    try:
        log.write(journal.Entry(order.pk, str(order.attempt), number.activation_id, number.phone))
        crash.point("after_journal")
    finally:
        adopt(order, number)
    if Weather.mark(order.upstream, no_balance_since=None):
        cards.announce_banner()
    note_weather(order.upstream, None)


def recall(order: Order, entry: journal.Entry) -> None:
    """Give an order the number that the journal has for it."""
    if order.status == Order.Status.REQUESTED:
        order.take_up()
    adopt(order, legitsms.Number(entry.activation_id, entry.phone))


def adopt(order: Order, number: legitsms.Number) -> None:
    """Give the number to the order that asked for it, unless another order has it already."""
    try:
        order.record_number(number, order.attempt)
    except IntegrityError:
        order.record_doubt(f"same number twice: {number.activation_id}")


def next_in_line(order: Order) -> Order | None:
    """The order of the same purchase whose turn it is now; its time to be bought starts anew."""
    line = Order.objects.first_in_line().filter(purchase=order.purchase_id, next_attempt_at__lte=timezone.now())
    following: Order | None = line.first()
    if following and following.pk != order.pk:
        line.filter(pk=following.pk).update(not_after=timezone.now() + BUY_WITHIN)
    return following


def close(order: Order, client: Client) -> None:
    """Send the wish that is due: cancel while waiting, finish once a code is there.

    The status is asked once more before either, for a code that came in the meantime; that wins over a cancel.
    Raises `StaleOrder` where another worker was first, or the wish was taken back.
    """
    order.start_closing()
    is_done = order.status == Order.Status.RECEIVED
    try:
        status = read_status(order.upstream, order.activation_id, client)
        if is_done:
            if isinstance(status, legitsms.Code):
                order.record_code(status.text)
            finish(order, client)
        elif not hear(order, status):
            cancel(order, client)
    except LegitSMSError as fault:
        note_weather(order.upstream, fault)
        order.stop_closing("answer", words_of(fault))


def cancel(order: Order, client: Client) -> None:
    """Send status 8. Anything but ACCESS_CANCEL proves no refund, so then the status decides."""
    try:
        answer = client.cancel(order.activation_id)
        write_down(order.upstream, order.activation_id, answer)
    except legitsms.TooEarly as early:
        at = max(order.cancellable_at or timezone.now(), timezone.now() + ASK_AGAIN_AFTER)
        order.stop_closing("cancel not yet", early.word, cancel_at=at)
    except LegitSMSError:
        hear(order, read_status(order.upstream, order.activation_id, client))
        raise
    else:
        if answer is legitsms.Closing.CANCELLED:
            order.record_cancelled()
        elif isinstance(answer, legitsms.Code):
            hear(order, answer)
        elif not hear(order, read_status(order.upstream, order.activation_id, client)):
            order.stop_closing("answer", answer.value)


def finish(order: Order, client: Client) -> None:
    """Send status 6. Nothing but its confirmation finishes the order; a code that comes instead is kept."""
    try:
        answer = client.finish(order.activation_id)
    except legitsms.AlreadyClosed as over:
        order.record_finished(over.word)
        return
    write_down(order.upstream, order.activation_id, answer)
    if answer is legitsms.Closing.FINISHED:
        order.record_finished(answer.value)
        return
    if isinstance(answer, legitsms.Code):
        order.record_code(answer.text)
    order.stop_closing("answer", "STATUS_OK" if isinstance(answer, legitsms.Code) else answer.value)
