"""Reads the database after every step, and has every invariant hold against it."""

from datetime import UTC
from types import SimpleNamespace

from django.db import connection

from orders.models import Code, Order, OrderEvent
from tests.model import actors, calls, invariants

SHOWN = (
    "status",
    "phone",
    "activation_id",
    "is_sending_action",
    "needs_attention",
    "is_unchecked",
    "refund",
    "ended_at",
)
TIMES = ("requested_at", "not_after", "bought_at", "cancel_at", "finish_at")
ORDER = ("id", "owner_id", "version", "purchase_id", "ordinal", "outcome", "price", "problem", *TIMES, *SHOWN)
CODE = ("order_id", "text")
EVENT = ("id", "order_id", "what", "source", "target", "actor_id", "detail", "at")


class Watcher:
    """What is known of the orders now, what happened to each so far, and when each number was last asked about."""

    def __init__(self, world):
        self.world, self.upstream = world, world.upstream
        self.orders, self.codes = {}, set()
        self.histories = {}  # order -> its events so far
        self.last_event = self.calls_seen = 0
        self.asked_at = {}

    def look(self):
        if self.world.statements.has_written:
            self.look_at_rows()
            self.world.statements.has_written = False
        invariants.check_books(self)
        calls.check(self)

    def look_at_rows(self):
        before, codes_before = self.orders, self.codes
        self.orders = {row.id: row for row in rows(Order, ORDER, "ORDER BY id")}
        self.codes = {(code.order_id, code.text) for code in rows(Code, CODE)}
        for event in rows(OrderEvent, EVENT, "WHERE id > %s ORDER BY id", self.last_event):
            self.histories.setdefault(event.order_id, []).append(event)
            self.last_event = event.id
        assert not self.world.troubles, f"could not be recorded: {self.world.troubles}"
        assert codes_before <= self.codes, "I4: a stored code is gone"
        for row in self.orders.values():
            invariants.check_order(self, row)
            known = before.get(row.id)
            news = self.histories[row.id][known.version if known else 0 :]
            if known:
                self.look_at_change(known, row, news)
            actors.check(self, known, row, news)

    def look_at_change(self, before, row, news):
        invariants.check_arrows(before, row, news)
        if any(getattr(before, name) != getattr(row, name) for name in SHOWN):
            assert row.version > before.version, "I18: changed, and no browser will notice"
        self.world.tally.arrows.update((event.source, event.target) for event in news if event.what == "moved")

    def by_person(self, pk):
        """Whether a person said what became of this purchase."""
        history = self.histories[pk]
        return any(event.what == "moved" and event.source == "unclear" and event.actor_id for event in history)

    def bought_for(self):
        """The orders for which LegitSMS sold a number."""
        return {sold.intent for sold in self.upstream.sold.values()}


def rows(model, names, where="", *given):
    """What is in the database, read in plain SQL: after every step, the ORM would take longer than all else."""
    columns = ", ".join(model._meta.get_field(name).column for name in names)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns} FROM {model._meta.db_table} {where}", given)  # noqa: S608
        return [SimpleNamespace(**dict(zip(names, row, strict=True))) for row in cursor.fetchall()]


def moment(value):
    """SQLite keeps times without their zone."""
    return value.replace(tzinfo=UTC)
