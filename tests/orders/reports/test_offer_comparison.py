from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.utils import timezone

from catalog.models import Brand, Place
from orders.reports import offer_comparison
from orders.reports.delivery_stats import DeliveryStats
from tests.factories import make_country, make_offer, make_order, make_service

NOTHING = DeliveryStats(0, 0, None, None)
OUT = DeliveryStats(0, 0, None, timezone.now())


def offer(server=1, price=None, stock=None):
    return SimpleNamespace(server=server, price=price and Decimal(price), stock=stock)


def record(codes, orders=20, seconds=39):
    return DeliveryStats(orders, codes, timedelta(seconds=seconds) if codes else None, None)


def suggested(*pairs):
    """The server that is suggested, and why."""
    best, reason = offer_comparison.suggest(list(pairs))
    return best and best.server, reason


# --- Which server to try first


def test_of_one_offer_none_is_suggested():
    assert suggested((offer(), NOTHING)) == (None, "")


def test_what_brought_most_codes_is_suggested_with_its_rate():
    pairs = [(offer(1), record(14)), (offer(2), record(17)), (offer(3, "1.20", 450), NOTHING)]
    assert suggested(*pairs) == (2, "85 % of your codes came, 0:39 at the median")


def test_of_equal_rates_the_faster_is_suggested():
    assert suggested((offer(1), record(10)), (offer(2), record(10, seconds=20)))[0] == 2


def test_codes_that_came_at_once_have_a_reason_too():
    assert suggested((offer(1), record(20, seconds=0)), (offer(2), NOTHING))[1].endswith("0:00 at the median")


def test_too_few_orders_are_no_reason():
    assert suggested((offer(1), NOTHING), (offer(2), record(4, orders=4)))[0] == 1


def test_a_server_that_never_brought_a_code_is_not_suggested_for_its_record():
    pairs = [(offer(1), record(0)), (offer(3, "1.20", 450), NOTHING)]
    assert suggested(*pairs) == (3, "450 in stock, at a published price")


def test_the_cheapest_published_price_in_stock_is_suggested():
    pairs = [(offer(1), NOTHING), (offer(3, "1.20", 450), NOTHING), (offer(3, "0.90", 7), NOTHING)]
    assert suggested(*pairs) == (3, "7 in stock, at a published price")


def test_without_any_knowledge_the_first_server_is_suggested():
    assert suggested((offer(2), NOTHING), (offer(1), NOTHING)) == (
        1,
        "the provider names it first, for the lowest prices",
    )


@pytest.mark.parametrize("poor", [(offer(1), OUT), (offer(1, "1.20", 0), record(20))])
def test_what_is_out_of_stock_is_not_suggested(poor):
    assert suggested(poor, (offer(2), NOTHING)) == (2, "the only one that has it now")


def test_where_all_are_out_of_stock_none_is_suggested():
    assert suggested((offer(1), OUT), (offer(2), OUT)) == (None, "")


# --- Side by side


@pytest.fixture
def compared(db):
    """WhatsApp in the USA on servers 1 and 2."""
    make_offer(1)
    make_offer(2, "1", "39")

    def compare(**options):
        return offer_comparison.compare(Brand.objects.get(key="whatsapp"), Place.objects.get(key="us"), **options)

    return compare


def test_the_rows_stand_in_the_order_of_the_servers(compared):
    rows = compared().rows
    assert [(row.value, row.blurb) for row in rows] == [
        ("1|187|wa", "lowest prices, big stock"),
        ("2|1|39", "premium"),
    ]


def test_each_row_has_the_record_of_its_own_codes(compared):
    make_order("received", server=2, country="1", service="39")
    assert [row.stats.orders for row in compared().rows] == [0, 1]


def test_a_stock_that_ran_out_is_shown_and_another_server_suggested(compared):
    make_order("refused", outcome="NO_NUMBERS")
    comparison = compared()
    assert comparison.rows[0].out_of_stock_at
    assert (comparison.suggested.offer.server, comparison.suggested.reason) == (2, "the only one that has it now")


def test_a_server_that_lists_it_not_is_missing(compared):
    assert compared().missing == [3]


def test_a_server_can_be_left_out(compared):
    comparison = compared(without_server=1)
    assert ([row.offer.server for row in comparison.rows], comparison.missing) == ([2], [3])


def test_where_nobody_sells_it_here_it_is_told_who_sells_it_elsewhere(db):
    make_service("wa", "WhatsApp")
    [make_country(str(n), name) for n, name in enumerate(("France", "Peru"))]
    greenland = make_country("1", "Greenland", server=2).place
    comparison = offer_comparison.compare(Brand.objects.get(), greenland)
    assert (comparison.rows, comparison.elsewhere) == ([], [(1, 2)])


def test_what_is_sold_here_is_not_looked_for_elsewhere(compared):
    assert compared().elsewhere == []


def test_each_radio_button_names_what_describes_it(compared):
    make_order("refused", outcome="NO_NUMBERS")
    assert [row.described_by for row in compared().rows] == [
        "offer-1-about offer-1-figures offer-1-record offer-1-warning",
        "offer-2-about offer-2-figures offer-2-record offer-2-reason",
    ]


def test_an_unpublished_stock_is_not_called_empty(db):
    make_offer(1)
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=0)
    compared = offer_comparison.compare(Brand.objects.get(key="whatsapp"), Place.objects.get(key="us"))
    assert [row.stock_text for row in compared.rows] == ["stock not published", "0 in stock"]


def test_the_summary_counts_the_offers(compared):
    assert compared().summary == "2 offers for WhatsApp in USA."
    assert compared(without_server=1).summary == "1 offer for WhatsApp in USA."


def test_the_summary_says_that_server_3_is_being_asked():
    compared = offer_comparison.Comparison(Brand(name="Uber"), Place(name="Peru"), [], is_pending=True)
    assert compared.summary == "0 offers for Uber in Peru, server 3 is being asked."
