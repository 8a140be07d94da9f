"""Desks that ask, cancel or finish without one of their guards."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

import legitsms
from legitsms import LegitSMSError
from orders.lifecycle import answers, closing, transitions
from orders.models import Order
from orders.models.querysets import OrderQuerySet
from orders.worker import polling, purchasing, recovery, status_requests
from tests.model.broken.breaking import VARIANTS, Variant, instead_of, moving

Status = Order.Status

# --- Asking

VARIANTS["cancel_overwrites_code"] = Variant(
    moving(answers, "record_closed", sources=[Status.WAITING, Status.RECEIVED]), "I4", "race_for_the_code"
)
VARIANTS["late_code_ignored"] = Variant(
    moving(answers, "record_code", sources=[Status.WAITING]), "I4", "race_for_the_code", ("send",)
)
VARIANTS["status_cancel_means_refund"] = Variant(
    moving(answers, "record_closed", fields={"refund": "confirmed"}), "I5", "poll_badly"
)


@instead_of(OrderQuerySet, "lease", "I15", "poll_badly", (0.3,))
def lease_ignored(_real, rows, at):
    return rows.update(asked_at=at)


@instead_of(answers, "record_no_activation", "I6", "poll_badly", ("unknown",))
def expire_on_no_activation(_real, row):
    answers.record_closed(row)


@instead_of(polling, "record_one", "I6", "recover_full", ("key",))
def badkey_kills(real, row, result):
    is_refused = isinstance(result, legitsms.BadKey) and row.status == "waiting"
    answers.record_closed(row) if is_refused else real(row, result)


@instead_of(answers, "record_code", "I4", "second_code")
def second_sms_dropped(real, row, text):
    if not row.codes.exists():
        real(row, text)


@instead_of(answers, "record_no_answer", "I6", "poll_badly", ("lost before",))
def silence_is_the_end(real, row, detail):
    answers.record_closed(row) if row.status == "waiting" else real(row, detail)


@instead_of(status_requests, "journal_code", "I4", "lose_the_reader", ("die",))
def code_not_written_down(_real, upstream, activation_id, answer):
    pass


@instead_of(recovery, "read_codes_back", "I4", "lose_the_reader", ("die",))
def codes_not_read_back(_real):
    pass


# --- Ending


def taken_for_cancelled(name, is_taken, story, *likes):
    """A cancel that goes wrong in one way, and is taken for done."""

    def cancel(real, row, client):
        try:
            real(row, SilentAfter(client, is_taken))
        except Taken:
            answers.record_cancelled(row)

    cancel.__name__ = name
    instead_of(purchasing, "cancel", "I5", story, likes)(cancel)


class Taken(Exception):  # noqa: N818
    """The answer that the variant misreads."""


class SilentAfter:
    def __init__(self, client, is_taken):
        self.client, self.is_taken = client, is_taken
        self.get_status = client.get_status

    def cancel(self, number):
        try:
            return self.client.cancel(number)
        except LegitSMSError as fault:
            if self.is_taken(fault):
                raise Taken from None
            raise


GARBLED = {"not understood", "empty"}
taken_for_cancelled("garbage_is_cancel", lambda fault: fault.kind in GARBLED, "cancel_full", "garbage before", 1)
taken_for_cancelled("timeout_is_cancelled", lambda fault: fault.kind == "timeout", "cancel_full", "hang before", 1)
taken_for_cancelled("wait2_is_cancelled", lambda fault: isinstance(fault, legitsms.TooEarly), "cancel_early")


@instead_of(purchasing, "send_requested_action", "F49", "cancel_full")
def cancelled_without_a_look(real, row, client):
    if row.status == Status.WAITING:
        closing.start_sending(row)
        purchasing.cancel(row, client)
    else:
        real(row, client)


@instead_of(purchasing, "finish", "F55", "finish_full", ("lost before", 1))
def finished_without_an_answer(real, row, client, *given):
    try:
        real(row, client, *given)
    except LegitSMSError:
        answers.record_finished(row, "")


@instead_of(closing, "start_sending", "I13", "race_two_workers", ("send",))
def cancelled_unasked(real, row):
    if row.status == Status.RECEIVED:
        real(row)
        return
    now, later = timezone.now(), timezone.now() + timedelta(seconds=15)
    may = Q(status=Status.WAITING) & ~Q(asked_at__gt=now - timedelta(seconds=3))
    transitions.change(
        row, "cancel sent", only_if=may, is_sending_action=True, asked_at=now, cancel_at=later, next_poll_at=later
    )


@instead_of(recovery, "probe_key", "F37", "bad_key_at_the_end", (), 5)
def key_never_probed(_real, known, client):
    pass
