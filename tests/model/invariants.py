"""What must be true of the rows after every step, whoever did what. The names are those of the list of faults."""

from collections import Counter
from decimal import Decimal
from uuid import UUID

from tests.model.desk import A_DAY, PRICE

ARROWS = {
    *[("requested", "buying"), ("requested", "refused")],
    *[("buying", "waiting"), ("buying", "requested"), ("buying", "refused"), ("buying", "unclear")],
    *[("waiting", "received"), ("waiting", "cancelled"), ("waiting", "closed")],
    ("received", "finished"),
    *[("unclear", "waiting"), ("unclear", "refused"), ("unclear", "closed")],
}
LATE_TRUTHS = {("cancelled", "received"), ("closed", "received"), ("refused", "waiting")}
UNSENT_TRIES = 3
PAID = ("waiting", "received", "finished", "closed")  # as far as the desk knows


def check_order(watch, row):
    """I3-I7, I18: what each row says of itself agrees with its history and with LegitSMS's books."""
    history = watch.histories[row.id]
    assert row.version == len(history), f"I18: {row.version} versions, {len(history)} events: {history}"
    sold = watch.upstream.sold.get(row.activation_id)
    if any(pk == row.id for pk, _ in watch.codes):
        assert row.status in {"received", "finished"}, f"I4: a code, and {row.status}"
    if row.status == "cancelled" or row.refund == "confirmed":
        assert sold.is_refunded, "I5: not refunded"
        assert row.refund == "confirmed", "I5: a refund that nobody is told of"
    if row.status == "closed" and not watch.by_person(row.id):
        assert sold.is_over, "I6: closed, and LegitSMS still waits"
    if row.status == "refused" and not watch.by_person(row.id):
        assert row.id not in watch.bought_for(), "I7: refused, but bought"
    ends = [event.detail for event in history if (event.what, event.target) == ("moved", "finished")]
    if row.status == "finished" and ends[-1:] != ["unconfirmed"]:  # it is asked on, so more may have happened since
        assert sold.is_over, "F55: finished, and LegitSMS never confirmed it"


def check_arrows(before, row, news):
    """I3, I11: along the arrows, each with its event."""
    assert row.version >= before.version, "I18: the version fell"
    here = before.status
    for event in news:
        if event.what == "moved":
            assert event.source == here, f"I3: {event} does not begin at {here}"
            assert (here, event.target) in ARROWS | LATE_TRUTHS, f"I3: {here} to {event.target}"
            here = event.target
    assert here == row.status, f"I3: {row.status} without an event"


def check_books(watch):
    """I1, I2: nothing is bought twice, nothing that was bought is unknown."""
    upstream = watch.upstream
    for intent, times in upstream.sent.items():
        assert times <= 1, f"I1: order {intent} was bought {times} times"
    assert all(times <= UNSENT_TRIES for times in upstream.unsent.values()), "F18: tried more than three times"
    for number in unknown(watch):
        assert is_open_question(watch, upstream.sold[number].intent), f"I2: number {number} is lost"
    placed = Counter(UUID(str(row.purchase_id)) for row in watch.orders.values())
    assert placed == Counter(watch.world.presses), "F01: one purchase, one set of orders"
    check_money(watch)
    check_limit(watch)


def check_money(watch):
    """I9: what the desk counts as spent is what LegitSMS took, but for what nobody could know yet."""
    upstream = watch.upstream
    paid = {
        row.activation_id: money(row.price) for row in watch.orders.values() if row.status in PAID and row.activation_id
    }
    taken = {number for number, sold in upstream.sold.items() if not sold.is_refunded}
    not_yet_told = {number for number in paid if upstream.sold[number].is_refunded}  # ACCESS_CANCEL was lost
    expected = PRICE * len(taken - set(unknown(watch)) | not_yet_told)
    assert sum(paid.values()) == expected, f"I9: {paid} counts as spent, LegitSMS took {taken}"


def check_limit(watch):
    """I9: what is spent, or held until its end is known, was within the limit of its day."""
    days = Counter()
    for row in watch.orders.values():
        is_late = any(event.source in {"refused", "cancelled"} for event in watch.histories[row.id])
        if row.status not in {"refused", "cancelled"} and not is_late:
            days[str(row.requested_at)[:10]] += money(row.price)
    assert all(held <= A_DAY for held in days.values()), f"I9: {days} of {A_DAY}"


def money(price):
    """SQLite keeps decimals as floats."""
    return Decimal(str(price))


def unknown(watch):
    """The numbers that LegitSMS sold and no order has."""
    known = {row.activation_id for row in watch.orders.values()}
    return [number for number in watch.upstream.sold if number not in known]


def is_open_question(watch, intent):
    return watch.orders[intent].status in {"buying", "unclear"} or watch.by_person(intent)
