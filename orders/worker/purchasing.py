"""The steps that touch money: buying a number, cancelling it, finishing it. One call, one recorded outcome."""

from datetime import timedelta

from django.db import IntegrityError
from django.utils import timezone

import legitsms
from legitsms import LegitSMSError, NotSent, Refused, Uncertain
from orders import failpoints
from orders.intervals import BUY_WITHIN
from orders.lifecycle import answers, buying, closing
from orders.models import Heartbeat, Order
from orders.worker import journal
from orders.worker.status_requests import describe, journal_code, record_health, request_status
from provider import health
from provider.models import ProviderHealth
from provider.paced_client import NoSlot, PacedClient

CANCEL_TOO_EARLY_PAUSE = timedelta(seconds=15)


def buy(order: Order, client: PacedClient, log: journal.Journal) -> None:
    """Buy a number for a requested order and record the answer, whatever it is.

    getNumber is sent at most once: the order is leased before, and only a request that provably was not sent is
    repeated. Raises `StaleOrder` where another worker was first.
    """
    if record := journal.purchases(log.folder).get(str(order.intent)):
        restore_number(order, record)
        return
    if reason := refusal_reason(order, log):
        buying.refuse_unsent(order, reason)
        return
    failpoints.hit("before_claim")
    buying.start_buying(order)
    failpoints.hit("after_claim")
    try:
        if client.wait():
            buying.confirm_buying(order)
        number = client.get_number(service=order.service, country=order.country, server=order.server)
    except NoSlot:
        buying.wait_for_turn(order)
    except NotSent as failure:
        if failure.kind == "input":  # a repetition could not be sent either
            buying.record_refusal(order, "input")
        else:
            buying.return_to_queue(order, failure.kind)
    except Refused as refusal:
        buying.record_refusal(order, refusal.word)
        record_health(order.upstream, refusal)
    except Uncertain as fault:
        buying.record_unclear(order, describe(fault))
    else:
        store_number(order, number, log)


def refusal_reason(order: Order, log: journal.Journal) -> str:
    """Why `order` must not be bought now, as a key of `presentation.wording.REFUSALS`; empty when it may."""
    if not Order.objects.with_permitted_owner().filter(pk=order.pk).exists():
        return "permission"
    if order.not_after <= timezone.now():
        return "too old"
    if order.is_stopped_by_earlier():
        return "stopped"
    if Heartbeat.dead():
        return "nobody polls"
    if ProviderHealth.for_upstream(order.upstream).bad_key_since:
        return "BAD_KEY"
    return "" if log.is_ready() and journal.is_whole(log.folder) else "journal"


def store_number(order: Order, number: legitsms.Number, log: journal.Journal) -> None:
    """Write the number to the journal, then to the database: that may be down or full, and recovery reads it back."""
    failpoints.hit("after_reply_before_journal")
    try:
        log.write(journal.PurchaseRecord(order.pk, str(order.attempt), number.activation_id, number.phone))
        failpoints.hit("after_journal")
    finally:
        assign_number(order, number)
    health.mark(order.upstream, no_balance_since=None)
    record_health(order.upstream, None)


def restore_number(order: Order, record: journal.PurchaseRecord) -> None:
    """Give an order the number that the journal has for it."""
    if order.status == Order.Status.REQUESTED:
        buying.resume_from_journal(order)
    assign_number(order, legitsms.Number(record.activation_id, record.phone))


def assign_number(order: Order, number: legitsms.Number) -> None:
    """Record the number on the order that requested it, unless another order has it already."""
    try:
        buying.record_number(order, number, order.attempt)
    except IntegrityError:
        buying.record_unclear(order, f"same number twice: {number.activation_id}")


def next_in_line(order: Order) -> Order | None:
    """The order of the same purchase whose turn it is now; its time to be bought starts anew."""
    line = Order.objects.first_in_line().filter(purchase=order.purchase_id, next_attempt_at__lte=timezone.now())
    following: Order | None = line.first()
    if following and following.pk != order.pk:
        line.filter(pk=following.pk).update(not_after=timezone.now() + BUY_WITHIN)
    return following


def send_requested_action(order: Order, client: PacedClient) -> None:
    """Send the requested action that is due: cancel while waiting, finish once a code is here.

    The status is requested once more before either: a code that came in the meantime wins over a cancel.
    Raises `StaleOrder` where another worker was first, or the request was taken back.
    """
    closing.start_sending(order)
    is_finish = order.status == Order.Status.RECEIVED
    try:
        status = request_status(order.upstream, order.activation_id, client)
        if is_finish:
            if isinstance(status, legitsms.Code):
                answers.record_code(order, status.text)
            finish(order, client, status)
        elif not answers.record_status(order, status):
            cancel(order, client)
    except NoSlot:
        closing.wait_for_turn(order)
    except LegitSMSError as fault:
        record_health(order.upstream, fault)
        closing.stop_sending(order, "answer", describe(fault))


def cancel(order: Order, client: PacedClient) -> None:
    """Send status 8. Anything but ACCESS_CANCEL proves no refund, so then getStatus decides."""
    try:
        answer = client.cancel(order.activation_id)
        journal_code(order.upstream, order.activation_id, answer)
    except legitsms.TooEarly as early:
        at = max(order.cancellable_at or timezone.now(), timezone.now() + CANCEL_TOO_EARLY_PAUSE)
        closing.stop_sending(order, "cancel too early", early.word, cancel_at=at)
    except LegitSMSError:
        answers.record_status(order, request_status(order.upstream, order.activation_id, client))
        raise
    else:
        if answer is legitsms.Closing.CANCELLED:
            answers.record_cancelled(order)
        elif isinstance(answer, legitsms.Code):
            answers.record_status(order, answer)
        elif not answers.record_status(order, request_status(order.upstream, order.activation_id, client)):
            closing.stop_sending(order, "answer", answer.value)


def finish(order: Order, client: PacedClient, status: legitsms.Status) -> None:
    """Send status 6. Only its confirmation finishes the order; a code that comes instead is stored.

    `status` is what getStatus has just answered. Where it says that the order waits, BAD_STATUS does not end it.
    """
    try:
        answer = client.finish(order.activation_id)
    except legitsms.BadStatus as refusal:
        if isinstance(status, legitsms.Waiting):
            closing.stop_sending(order, "answer", refusal.word)
        else:
            answers.record_finished(order, refusal.word)
        return
    except legitsms.AlreadyClosed as closed:
        answers.record_finished(order, closed.word)
        return
    journal_code(order.upstream, order.activation_id, answer)
    if answer is legitsms.Closing.FINISHED:
        answers.record_finished(order, answer.value)
        return
    if isinstance(answer, legitsms.Code):
        answers.record_code(order, answer.text)
    closing.stop_sending(order, "answer", "STATUS_OK" if isinstance(answer, legitsms.Code) else answer.value)
