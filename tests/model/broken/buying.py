"""Desks that buy without one of their guards, or do not tell."""

import uuid
from contextlib import contextmanager, suppress
from unittest.mock import patch

from django.db.models import F, Q
from django.utils import timezone

from legitsms import LegitSMSError
from orders import crash, purchasing
from orders.allowance import Allowance
from orders.forms import PurchaseForm
from orders.journal import Entry, Journal
from orders.models import Heartbeat, Order, StaleOrder, order, queries
from team.models import User
from team.roles import BUY
from tests.model.broken.breaking import VARIANTS, Variant, instead_of, moving

Status = Order.Status

# --- Buying


@instead_of(Order, "start_buying", "I3", "race_two_workers", ("buy", 8))
def check_then_act(_real, row):
    is_due = Q(status=Status.REQUESTED, not_after__gt=timezone.now(), owner__in=User.who_may(BUY))
    if not Order.objects.filter(is_due, pk=row.pk).exists():
        raise StaleOrder
    crash.point("between")
    row.change("moved", status=Status.BUYING, attempt=uuid.uuid4(), buying_at=timezone.now())
    row.events.filter(pk=row.events.last().pk).update(source=Status.REQUESTED)


@instead_of(purchasing, "buy", "I2", "race_two_workers")
def claim_after_call(real, row, client, log):
    if not purchasing.may_not_buy(row, log):
        with suppress(LegitSMSError):
            number = client.get_number(service=row.service, country=row.country, server=row.server)
            row.start_buying()
            purchasing.keep(row, number, log)


@instead_of(Order, "record_doubt", "I1", "buy_badly", ("hang before",))
def retry_timeout(real, row, words):
    row.return_to_queue(words) if words == "timeout" else real(row, words)


@instead_of(Order, "record_doubt", "I7", "buy_badly", ("502 after",))
def reject_5xx(real, row, words):
    row.record_refusal("HTTP") if words.startswith("HTTP") else real(row, words)


@instead_of(Journal, "write", "I8", "buy_midway", ("die", 2, 3))
def no_journal(real, log, record):
    if not isinstance(record, Entry):
        real(log, record)


@instead_of(Order, "record_doubt", "I", "buy_midway", ("die",))
def sweeper_requeues(real, row, words):
    row.return_to_queue(words) if words == "worker lost" else real(row, words)


@instead_of(PurchaseForm, "save", "F01", "press_again")
def purchase_not_unique(real, form, buyer):
    form.cleaned_data["purchase_id"] = uuid.uuid4()
    return real(form, buyer)


@instead_of(purchasing, "adopt", "I18", "buy_badly", ("twin",))
def twin_adopted(_real, row, number):
    Order.objects.filter(activation_id=number.activation_id).update(activation_id="")
    row.record_number(number, row.attempt)


@instead_of(purchasing, "adopt", "UNIQUE", "buy_badly", ("twin",))
def twin_not_expected(_real, row, number):
    row.record_number(number, row.attempt)


@instead_of(Order, "is_stopped_by_earlier", "F13", "buy_two_badly", ("lost before",))
def buys_on_after_doubt(_real, row):
    return False


@instead_of(Heartbeat, "dead", "F10", "buy_late", (31,))
def buys_while_nobody_polls(_real, *_):
    return []


@contextmanager
def surprise_purchase():
    """Both looks at the time are left out; each alone would do."""
    looks = purchasing.may_not_buy
    without_a_look = moving(Order, "start_buying", fields={"only_if": Q()})
    blind = patch.object(purchasing, "may_not_buy", lambda *given: looks(*given).replace("too old", ""))
    with blind, without_a_look():
        yield


VARIANTS["surprise_purchase"] = Variant(surprise_purchase, "F09", "buy_late", (121,))
EVERY = {"sources": list(Status), "fields": {"only_if": Q()}}
VARIANTS["late_answer_overwrites"] = Variant(
    moving(Order, "record_number", **EVERY), "I3", "answer_late", ("write-off",)
)
VARIANTS["withdrawn_while_bought"] = Variant(
    moving(Order, "withdraw", sources=[Status.REQUESTED, Status.BUYING]), "I7", "buy_meanwhile", ("cancel",)
)
VARIANTS["settled_twice"] = Variant(
    moving(Order, "settle_not_bought", sources=list(Status)), "I3", "race_two_people", ("write-off", "mistaken")
)
VARIANTS["tries_for_ever"] = Variant(lambda: patch.object(order, "CONNECT_TRIES", 99), "F18", "buy_in_vain")


@instead_of(Allowance, "check", "I9", "buy_ok")
def limit_not_checked(_real, _allowance):
    pass


VARIANTS["unclear_costs_nothing"] = Variant(
    lambda: patch.object(queries, "COSTING", tuple({*queries.COSTING} - {"unclear"})), "I9", "buy_badly"
)


# --- Telling


@instead_of(Order, "_tell", "I18", "buy_ok")
def event_not_written(real, row, what, *told):
    if what != "moved":
        real(row, what, *told)


@instead_of(Order, "_move", "I18", "buy_ok")
def version_not_raised(real, row, *given, **named):
    real(row, *given, **named)
    Order.objects.filter(pk=row.pk).update(version=F("version") - 1)


@instead_of(purchasing, "words_of", "I17", "buy_badly", ("lost before",))
def key_in_the_history(_real, fault):
    return f"{fault.kind} the-key-that-is-nowhere-kept"
