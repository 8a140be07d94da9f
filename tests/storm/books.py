"""LegitSMS's books beside ours. The sandbox's ledger is the oracle: it knows what was really bought and told."""

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.apps import apps
from django.utils import timezone

from tests.stack.crew import Crew
from tests.stack.desk import eventually

NEVER_KNOWN = ("buying", "unclear")  # bought or not: we say that we do not know
PATIENCE = timedelta(seconds=60)
A_MOMENT = 40  # seconds; an order that has a code is asked about every 30 s


def rows_of(model: str) -> Any:
    """All rows of a model of `orders`, which can be imported only once there is a database to look at."""
    return apps.get_model("orders", model).objects.all()


@dataclass
class Books:
    """What a comparison found. Only the counts up to `unclear` may be other than zero, and `unread` under kill -9."""

    purchases: int = 0
    codes: int = 0
    refunds: int = 0
    unclear: int = 0
    doubled: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[str]:
        return [*self.doubled, *self.lost, *self.wrong]

    def told(self) -> str:
        counts = f"purchases {self.purchases}  codes {self.codes}  refunds {self.refunds}  unclear {self.unclear}"
        missing = f"lost {len(self.lost)}  unread {len(self.unread)}"
        return f"{counts}  doubled {len(self.doubled)}  {missing}  wrong {len(self.wrong)}"


def settled(crew: Crew) -> str:
    """The figures of books that agree; fails where they do not."""
    books = patiently_compared(crew)
    assert not [*books.faults, *books.unread], [*books.faults, *books.unread]
    return books.told()


def patiently_compared(crew: Crew) -> Books:
    """A code that was told just when the ledger was taken has a moment to be stored."""
    found: list[Books] = []

    def agree() -> bool:
        found.append(compare(crew.sandbox.ledger(polls=False)))
        return not found[-1].lost

    with suppress(AssertionError):
        eventually(agree, A_MOMENT)
    return found[-1]


def compare(ledger: dict[str, Any]) -> Books:
    """Compare `ledger`, taken a moment before, with the database. What is still under way counts as unknown."""
    rows = list(rows_of("Order").prefetch_related("codes"))
    ours = {row.activation_id: row for row in rows if row.activation_id}
    theirs = {order["id"]: order for order in ledger["orders"]}
    books = Books(
        purchases=len(theirs),
        codes=sum(len(order["handed_out"]) for order in theirs.values()),
        refunds=sum(order["is_refunded"] for order in theirs.values()),
        unclear=sum(row.status in NEVER_KNOWN for row in rows),
    )
    books.doubled = sent_more_often_than_leased(ledger) + leased_again()
    missing = missing_codes(theirs, ours)
    books.lost = unknown_orders(theirs, ours, rows) + [told for told, is_told in missing if is_told]
    books.unread = [told for told, is_told in missing if not is_told]
    books.wrong = wrong_ends(theirs, ours)
    return books


def offer(row: Any) -> tuple[str, str, str]:
    return str(row["server"]), row["service"], row["country"]


def sent_more_often_than_leased(ledger: dict[str, Any]) -> list[str]:
    """Each getNumber needs a lease of its own, of an order for that very offer."""
    sent = Counter(offer(purchase) for purchase in ledger["purchases"])
    leases = rows_of("OrderEvent").filter(what="moved", target="buying")
    names = ("server", "service", "country")
    rows = leases.values_list(*(f"order__{name}" for name in names))
    leased = Counter(offer(dict(zip(names, row, strict=True))) for row in rows)
    return [
        f"{times} getNumber for {leased[key]} leases of {key}" for key, times in sent.items() if times > leased[key]
    ]


def leased_again() -> list[str]:
    """An order is leased again only after a try that was proven unsent."""
    events = rows_of("OrderEvent").filter(what="moved")
    leases = Counter(events.filter(target="buying").values_list("order", flat=True))
    unsent = Counter(events.filter(source="buying", target="requested").values_list("order", flat=True))
    return [f"order {pk}: {times} leases" for pk, times in leases.items() if times > unsent[pk] + 1]


def unknown_orders(theirs: dict[str, Any], ours: dict[str, Any], rows: list[Any]) -> list[str]:
    """Orders of LegitSMS that no row has, and no row of that offer admits not to know."""
    unclear = Counter(offer(vars(row)) for row in rows if row.status in NEVER_KNOWN and not row.activation_id)
    gone = Counter(offer(order) for pk, order in theirs.items() if pk not in ours)
    return [
        f"{times} orders of {key} for {unclear[key]} unclear" for key, times in gone.items() if times > unclear[key]
    ]


def missing_codes(theirs: dict[str, Any], ours: dict[str, Any]) -> list[tuple[str, bool]]:
    """Codes that LegitSMS sent and that are not stored, each with whether it would tell it again.

    If not, since the order ended or a newer code came, the one answer may have reached a process that was just killed.
    """
    told = ((pk, code) for pk, order in theirs.items() if pk in ours for code in order["handed_out"])
    stored = {pk: {code.text for code in row.codes.all()} for pk, row in ours.items()}
    missing = [(ours[pk], theirs[pk], code) for pk, code in told if code[:1000] not in stored[pk]]
    return [
        (f"order {row.pk}, {row.status}: code {code!r} of {kept}, {history(row)}", tells(kept, code))
        for row, kept, code in missing
    ]


def tells(order: dict[str, Any], code: str) -> bool:
    """Whether LegitSMS answers with this code as things stand."""
    return order["status"] not in {"cancelled", "expired"} and order["codes"][-1:] == [code]


def history(row: Any) -> list[str]:
    return [f"{event.at:%H:%M:%S.%f} {event.what} {event.target} {event.detail}" for event in row.events.all()]


def wrong_ends(theirs: dict[str, Any], ours: dict[str, Any]) -> list[str]:
    ends = ((row, theirs[pk]) for pk, row in ours.items() if pk in theirs)
    return [
        f"order {row.pk} is {row.status}, at LegitSMS {order['status']}"
        for row, order in ends
        if (row.status == "cancelled" and not order["is_refunded"])
        or (row.status == "closed" and order["status"] not in {"cancelled", "expired"})
    ]


def state(row: Any) -> str:
    from orders.presentation import OrderCard

    return OrderCard(row).state


def stuck(ledger: dict[str, Any]) -> list[str]:
    """Orders that nothing moves any more, long after the last fault."""
    now = timezone.now()
    rows = rows_of("Order").filter(status__in=["requested", "buying", "waiting", "received"])
    idle = {row.pk: f"{row} is {state(row)}" for row in rows if row.status in {"requested", "buying"}}
    for row in rows:
        late = [at for at in (row.cancel_at, row.finish_at, row.next_poll_at) if at and at < now - PATIENCE]
        if late or (row.status == "waiting" and (row.polled_at or row.bought_at) < now - PATIENCE):
            idle[row.pk] = f"order {row.pk} is {state(row)}, late since {min(late, default=row.polled_at)}"
    untold = {order["id"]: order for order in ledger["orders"] if set(order["codes"]) - set(order["handed_out"])}
    waiting = {row.activation_id: row for row in rows if row.status == "waiting"}
    return [*idle.values(), *(f"order {waiting[pk].pk} has not heard its code" for pk in untold if pk in waiting)]
