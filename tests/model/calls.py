"""What must be true of every call to LegitSMS when it leaves."""

from datetime import timedelta

from tests.model import watcher

CANCEL_REQUESTED = {"cancel requested", "cancel before end"}
APART = timedelta(seconds=2.7)
HEARTBEAT_LASTS = timedelta(seconds=30)


def check(watch):
    for call in watch.world.calls[watch.calls_seen :]:
        if call.action == "getNumber" and call.is_prompt:
            check_purchase(watch, watch.orders[call.about], call)
        elif call.action == "getStatus" and call.worker.deed in {"sweep", "send"}:
            check_distance(watch, call)
        elif call.status == "8":
            check_cancel(watch, call)
    watch.calls_seen = len(watch.world.calls)


def check_purchase(watch, row, call):
    """What must hold when a worker looks; if it sleeps then, nothing can hold the purchase back."""
    assert call.at < watcher.moment(row.not_after), "F09: a surprise purchase"
    assert call.at - call.beaten_at <= HEARTBEAT_LASTS, "F10: bought what nobody polls"
    earlier = [r for r in watch.orders.values() if r.purchase_id == row.purchase_id and r.ordinal < row.ordinal]
    assert all(r.status != "unclear" for r in earlier), "F13: bought on after an unclear purchase"


def check_distance(watch, call):
    """I10, I15. A worker that sleeps before it asks can keep no distance."""
    number = call.about
    if call.worker.asked.count(("getStatus", number)) > 1 and call.worker.deed == "send":
        return  # a cancel's second look
    last = watch.asked_at.get(number)
    watch.asked_at[number] = call.at if call.is_prompt else None
    assert not (call.is_prompt and last) or call.at - last >= APART, f"I15: {number} asked {call.at - last} apart"


def check_cancel(watch, call):
    history = next(watch.histories[row.id] for row in watch.orders.values() if row.activation_id == call.about)
    assert any(event.what in CANCEL_REQUESTED for event in history), "I13: cancelled what nobody requested to cancel"
    assert ("getStatus", call.about) in call.worker.asked, "F49: cancelled without a last look"
