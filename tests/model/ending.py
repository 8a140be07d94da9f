"""What must have come true once everything works again."""

from django.conf import settings
from django.utils import timezone

from orders.models import Order
from provider.models import ProviderHealth
from tests.model.desk import PRICE
from tests.model.upstream import KEY
from tests.model.watcher import moment


def look_at_the_end(watch):
    for row in watch.orders.values():
        check_rest(row)
    for pk, number in watch.world.journaled.items():
        taken = [row for row in watch.orders.values() if row.activation_id == number]
        assert taken or watch.by_person(pk), f"I8: {number} stands in the journal and nowhere else"
    for row in watch.orders.values():
        known = {text for pk, text in watch.codes if pk == row.id}
        lost = {text for number, text in watch.world.codes_read() if number == row.activation_id} - known
        assert not lost, f"I4: {lost} of order {row.id} was read, and is nowhere"
    for number, sold in watch.upstream.sold.items():
        check_code(watch, number, sold)
    check_spending(watch)
    is_key_bad = ProviderHealth.objects.filter(bad_key_since__isnull=False).exists()
    assert not is_key_bad, "F37: the key counts as bad for ever"
    kept = [event.detail for history in watch.histories.values() for event in history]
    kept += [row.problem + row.outcome for row in watch.orders.values()]
    assert not [text for text in kept if KEY in text], "I17: the key is in the database"


def check_rest(row):
    assert row.status not in {"buying", "requested"}, f"I12: still {row.status}"
    assert not row.is_sending_action or row.status in {"waiting", "received"}, "I12: sending for ever"
    assert row.status != "waiting" or not row.cancel_at, "I12: a cancel that is never sent"
    assert row.status != "received" or not row.finish_at, "I12: a finish that is never sent"
    if row.status == "waiting" and moment(row.bought_at) <= timezone.now() - settings.HARD_CAP:
        assert row.needs_attention, "I16: past the cap, and nobody is told"


def check_spending(watch):
    """I9: the desk's own sum is that of what happened."""
    held = [row for row in watch.orders.values() if row.status not in {"refused", "cancelled"}]
    spent = Order.objects.of_buyer(watch.world.members["ana"]).costing().cost()
    assert spent.amount == PRICE * len(held), f"I9: {spent}, but {len(held)} numbers cost something"


def check_code(watch, number, sold):
    """I12: what LegitSMS still tells is here."""
    rows = [row for row in watch.orders.values() if row.activation_id == number]
    is_told = sold.sms and not sold.is_over  # after STATUS_CANCEL nobody need ask
    if rows and is_told and rows[0].status in {"waiting", "received"}:
        assert (rows[0].id, sold.sms[-1]) in watch.codes, f"I12: {sold.sms[-1]} was never read"
