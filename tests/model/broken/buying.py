"""Desks that buy without one of their guards, or do not record it."""

import uuid
from contextlib import contextmanager, suppress
from unittest.mock import patch

from django.db.models import F, Q
from django.utils import timezone

from legitsms import LegitSMSError
from orders import failpoints
from orders.forms import PurchaseForm
from orders.lifecycle import buying, closing, settling, transitions
from orders.limits import PurchaseLimits
from orders.models import Heartbeat, Order, StaleOrder, querysets
from orders.worker import purchasing
from orders.worker.journal import Journal, PurchaseRecord
from team.models import User
from team.roles import BUY
from tests.model.broken.breaking import VARIANTS, Variant, instead_of, moving

Status = Order.Status

# --- Buying


@instead_of(buying, "start_buying", "I3", "race_two_workers", ("buy", 8))
def check_then_act(_real, row):
    is_due = Q(status=Status.REQUESTED, not_after__gt=timezone.now(), owner__in=User.with_permission(BUY))
    if not Order.objects.filter(is_due, pk=row.pk).exists():
        raise StaleOrder
    failpoints.hit("between")
    transitions.change(row, "moved", status=Status.BUYING, attempt=uuid.uuid4(), buying_at=timezone.now())
    row.events.filter(pk=row.events.last().pk).update(source=Status.REQUESTED)


@instead_of(purchasing, "buy", "I2", "race_two_workers")
def lease_after_call(real, row, client, log):
    if not purchasing.refusal_reason(row, log):
        with suppress(LegitSMSError):
            number = client.get_number(service=row.service, country=row.country, server=row.server)
            buying.start_buying(row)
            purchasing.store_number(row, number, log)


@instead_of(buying, "record_unclear", "I1", "buy_badly", ("hang before",))
def retry_timeout(real, row, detail):
    buying.return_to_queue(row, detail) if detail == "timeout" else real(row, detail)


@instead_of(buying, "record_unclear", "I7", "buy_badly", ("502 after",))
def reject_5xx(real, row, detail):
    buying.record_refusal(row, "HTTP") if detail.startswith("HTTP") else real(row, detail)


@instead_of(Journal, "write", "I8", "buy_midway", ("die", 2, 3))
def no_journal(real, log, record):
    if not isinstance(record, PurchaseRecord):
        real(log, record)


@instead_of(buying, "record_unclear", "I", "buy_midway", ("die",))
def recovery_requeues(real, row, detail):
    buying.return_to_queue(row, detail) if detail == "worker lost" else real(row, detail)


@instead_of(PurchaseForm, "save", "F01", "press_again")
def purchase_not_unique(real, form, buyer):
    form.cleaned_data["purchase_id"] = uuid.uuid4()
    return real(form, buyer)


@instead_of(purchasing, "assign_number", "I18", "buy_badly", ("twin",))
def twin_assigned(_real, row, number):
    Order.objects.filter(activation_id=number.activation_id).update(activation_id="")
    buying.record_number(row, number, row.attempt)


@instead_of(purchasing, "assign_number", "UNIQUE", "buy_badly", ("twin",))
def twin_not_expected(_real, row, number):
    buying.record_number(row, number, row.attempt)


@instead_of(Order, "is_stopped_by_earlier", "F13", "buy_two_badly", ("lost before",))
def buys_on_after_unclear(_real, row):
    return False


@instead_of(Heartbeat, "dead", "F10", "buy_late", (31,))
def buys_while_nobody_polls(_real, *_):
    return []


@contextmanager
def surprise_purchase():
    """Both looks at the time are left out; each alone would do."""
    looks = purchasing.refusal_reason
    without_a_look = moving(buying, "start_buying", fields={"only_if": Q()})
    blind = patch.object(purchasing, "refusal_reason", lambda *given: looks(*given).replace("too old", ""))
    with blind, without_a_look():
        yield


VARIANTS["surprise_purchase"] = Variant(surprise_purchase, "F09", "buy_late", (121,))
EVERY = {"sources": list(Status), "fields": {"only_if": Q()}}
VARIANTS["late_answer_overwrites"] = Variant(
    moving(buying, "record_number", **EVERY), "I3", "answer_late", ("write-off",)
)
VARIANTS["withdrawn_while_bought"] = Variant(
    moving(closing, "withdraw", sources=[Status.REQUESTED, Status.BUYING]), "I7", "buy_meanwhile", ("cancel",)
)
VARIANTS["settled_twice"] = Variant(
    moving(settling, "settle_not_bought", sources=list(Status)), "I3", "race_two_people", ("write-off", "mistaken")
)
VARIANTS["tries_for_ever"] = Variant(lambda: patch.object(buying, "CONNECT_TRIES", 99), "F18", "buy_in_vain")


@instead_of(PurchaseLimits, "check", "I9", "buy_ok")
def limit_not_checked(_real, _limits):
    pass


VARIANTS["unclear_costs_nothing"] = Variant(
    lambda: patch.object(querysets, "COSTING", tuple({*querysets.COSTING} - {"unclear"})), "I9", "buy_badly"
)


# --- Recording


@instead_of(transitions, "record_event", "I18", "buy_ok")
def event_not_written(real, row, what, *given):
    if what != "moved":
        real(row, what, *given)


@instead_of(transitions, "move", "I18", "buy_ok")
def version_not_raised(real, row, *given, **named):
    real(row, *given, **named)
    Order.objects.filter(pk=row.pk).update(version=F("version") - 1)


@instead_of(purchasing, "describe", "I17", "buy_badly", ("lost before",))
def key_in_the_history(_real, fault):
    return f"{fault.kind} the-key-that-is-nowhere-kept"
