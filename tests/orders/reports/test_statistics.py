from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Brand
from orders.lifecycle import transitions
from orders.models.cost import Cost
from orders.reports import charts
from orders.reports.periods import Period
from orders.reports.statistics import Statistics, Success, Waits
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db


def told():
    return Statistics(Period.ALL)


def make_delivered(seconds, **fields):
    at = timezone.now()
    return make_order("finished", bought_at=at, received_at=at + timedelta(seconds=seconds), **fields)


# --- Counts


def test_orders_are_counted_by_day_and_status():
    make_order("closed", requested_at=datetime(2026, 3, 1, 23, 59, 59, tzinfo=UTC))
    [make_order("refused", requested_at=datetime(2026, 3, 2, tzinfo=UTC)) for _ in range(2)]
    assert told().statuses == {("2026-03-01", "closed"): 1, ("2026-03-02", "refused"): 2}
    assert (told().total, told().not_bought) == (3, 2)


def test_practice_in_the_sandbox_is_not_counted_once_orders_are_real():
    make_order("closed", upstream="live")
    assert told().total == 0


def test_only_the_period_is_counted():
    make_order("closed", requested_at=timezone.now() - timedelta(days=40))
    assert Statistics(Period.MONTH).total == 0


# --- Success


@pytest.mark.parametrize("status", ["requested", "buying", "waiting", "unclear", "refused"])
def test_what_had_no_chance_is_not_judged(status):
    make_order(status)
    assert told().success == Success(0, 0)


def test_what_was_written_off_is_not_judged():
    make_order("closed", outcome="written off")
    assert told().success == Success(0, 0)


def test_success_is_told_by_service_and_server_whatever_a_server_calls_it():
    Brand.objects.create(key="whatsapp", name="WhatsApp")
    make_order("finished", brand_key="whatsapp", server=1, service_name="Whatsapp")
    make_order("cancelled", brand_key="whatsapp", server=1)
    make_order("received", brand_key="whatsapp", server=3, service_name="wa")
    assert told().services == [("WhatsApp", [Success(2, 1), Success(), Success(1, 1)], Success(3, 2))]


@pytest.mark.parametrize(("numbers", "has_enough_data"), [(4, False), (5, True)])
def test_under_five_numbers_nothing_can_be_judged(numbers, has_enough_data):
    assert Success(numbers, numbers).has_enough_data == has_enough_data


# --- Waits


@pytest.mark.parametrize(("seconds", "median"), [([10, 50, 30], 30), ([10, 20, 30, 40], 20), ([], None)])
def test_half_of_the_codes_came_within_the_median(seconds, median):
    [make_delivered(wait) for wait in seconds]
    assert told().waits.median == median


def test_a_wait_is_rounded_to_whole_seconds():
    make_delivered(47.6)
    assert told().waits.counts == {48: 1}


def test_every_wait_stands_in_one_bar():
    bars = Waits(Counter({-1: 1, 0: 1, 14: 1, 15: 3, 599: 2, 600: 1, 9999: 1})).bars
    assert [count for _, _, count, _ in bars] == [3, 3, 0, 0, 0, 0, 0, 0, 2, 2]
    assert max(share for _, _, _, share in bars) == 100


# --- Money


def test_spending_is_told_by_who_bought_also_after_handing_over(member, colleague):
    order = make_order("finished", owner=member, price="1.50")
    transitions.change(order, "reassigned", member, owner=colleague)
    assert [(each.name, each.cost.known) for each in told().by_member] == [("Ana", Decimal("1.5000"))]


def test_spending_is_told_by_purpose_the_dearest_first():
    make_order("waiting", note="ticket 1", price="0.20")
    [make_order("waiting", note="ticket 2", price="0.30") for _ in range(2)]
    assert [(each.name, each.cost.numbers) for each in told().by_purpose] == [("ticket 2", 2), ("ticket 1", 1)]


def test_an_unknown_price_is_counted_as_unknown_and_an_estimate_apart():
    buyer = make_user()
    make_order("waiting", owner=buyer, price="1.00")
    make_order("waiting", owner=buyer, price=None)
    make_order("waiting", price=None, estimate="0.80")
    assert told().spent == Cost(3, Decimal(1), Decimal("0.8"), 1)


def test_what_was_refunded_is_not_spent():
    make_order("cancelled", price="1.00", refund="confirmed")
    assert told().spent == Cost()
    assert told().refunded.known == 1


# --- The picture


def test_a_day_without_orders_has_its_place_in_the_picture():
    days = charts.timeline({("2026-03-01", "finished"): 1, ("2026-03-03", "closed"): 2}, None, None, date(2026, 3, 3))
    assert [(column.start.day, column.total) for column in days.columns] == [(1, 1), (2, 0), (3, 2)]


def test_parts_of_a_column_stand_on_each_other():
    statuses = {("2026-03-01", "finished"): 3, ("2026-03-01", "refused"): 1}
    column = charts.timeline(statuses, None, None, date(2026, 3, 1)).columns[0]
    assert [(part.kind, part.y, part.height) for part in column.parts if part.count] == [
        ("code", 25, 75),
        ("refused", 0, 25),
    ]


def test_a_long_period_is_drawn_by_months():
    drawn = charts.timeline({("2025-11-30", "finished"): 1}, None, None, date(2026, 3, 2))
    assert drawn.is_monthly
    assert [f"{column.start:%Y-%m}" for column in drawn.columns] == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
        "2026-03",
    ]


def test_a_period_that_is_over_ends_where_it_ended():
    since, until = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC)
    drawn = charts.timeline({}, since, until, date(2026, 3, 20))
    assert (drawn.columns[0].start, drawn.last.start) == (date(2026, 2, 1), date(2026, 2, 28))
    assert drawn.highest == 0


@pytest.mark.parametrize(
    ("cost", "has_known"),
    [
        (Cost(), True),
        (Cost(1, known=Decimal(1), unknown=1), True),
        (Cost(1, estimated=Decimal(1)), False),
        (Cost(1, unknown=1), False),
    ],
)
def test_a_known_cost_of_zero_is_shown_only_where_nothing_else_was_spent(cost, has_known):
    assert cost.has_known is has_known


@pytest.mark.parametrize(("codes", "is_enough"), [(4, False), (5, True)])
def test_the_waits_of_few_codes_are_not_judged(codes, is_enough):
    assert Waits(Counter({30: codes})).has_enough_data is is_enough


def test_a_column_says_in_words_what_it_shows():
    statuses = {("2026-03-01", "finished"): 2, ("2026-03-01", "refused"): 1, ("2026-03-02", "waiting"): 1}
    columns = charts.timeline(statuses, None, None, date(2026, 3, 2)).columns
    assert [column.summary for column in columns] == [
        "3 orders, 2 code received, 1 not bought",
        "1 order, 1 open or unclear",
    ]


@pytest.mark.parametrize(
    ("first", "formats"), [("2026-03-01", ("day", "D j M", "D j M Y")), ("2025-03-01", ("month", "F Y", "F Y"))]
)
def test_a_timeline_writes_days_or_months(first, formats):
    drawn = charts.timeline({(first, "closed"): 1}, None, None, date(2026, 3, 2))
    assert (drawn.unit, drawn.date_format, drawn.long_date_format) == formats
