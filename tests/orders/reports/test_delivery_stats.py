from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone

from orders.reports import delivery_stats
from orders.reports.delivery_stats import DeliveryStats
from tests.factories import make_order

pytestmark = pytest.mark.django_db


def offer(server=1, country="187", service="wa"):
    """As much of an offer as a record needs."""
    codes = (SimpleNamespace(code=country), SimpleNamespace(code=service))
    return SimpleNamespace(server=server, country=codes[0], service=codes[1])


def record(**codes):
    [found] = delivery_stats.for_offers([offer(**codes)]).values()
    return found


def made(*waits, status="received", **fields):
    """Orders whose codes came after so many seconds; None: no code came."""
    bought = timezone.now() - timedelta(hours=1)
    came = [wait if wait is None else bought + timedelta(seconds=wait) for wait in waits]
    return [make_order(status, bought_at=bought, received_at=at, **fields) for at in came]


def refused(word="NO_NUMBERS", *, minutes_ago=4, **fields):
    return make_order("refused", outcome=word, ended_at=timezone.now() - timedelta(minutes=minutes_ago), **fields)


def test_without_orders_there_is_nothing_to_tell():
    assert record() == DeliveryStats(0, 0, None, None)
    assert record().message == "no orders of yours yet"


def test_under_five_orders_are_too_few_to_judge():
    made(30, 40, 50, None)
    assert (record().has_enough_data, record().percent) == (False, None)
    assert record().message == "codes 3 of 4, too few to judge"


def test_five_orders_tell_a_rate_and_a_wait():
    made(30, 40, 62, 300, None)
    assert (record().percent, record().median) == (80, timedelta(seconds=51))
    assert record().message == "codes 4 of 5 (80 %), median 0:51"


def test_five_orders_without_a_code_tell_no_wait():
    made(*[None] * 5, status="cancelled")
    assert record().message == "codes 0 of 5 (0 %)"


def test_each_server_country_and_service_has_a_record_of_its_own():
    made(30)
    made(30, server=2)
    made(30, country="12")
    made(30, service="tg")
    keys = [offer(), offer(server=2), offer(country="12"), offer(service="tg"), offer(server=3)]
    assert [each.orders for each in delivery_stats.for_offers(keys).values()] == [1, 1, 1, 1, 0]


@pytest.mark.parametrize("status", ["requested", "buying", "waiting", "refused", "unclear"])
def test_an_order_that_had_no_chance_yet_does_not_count(status):
    make_order(status)
    assert record().orders == 0


@pytest.mark.parametrize("status", ["received", "finished", "cancelled", "closed"])
def test_an_order_that_had_its_chance_counts(status):
    make_order(status)
    assert record().orders == 1


def test_an_order_that_was_written_off_does_not_count():
    make_order("closed", outcome="written off")
    assert record().orders == 0


def test_a_code_that_came_before_the_order_ended_counts():
    made(30, status="finished")
    assert record().codes == 1


def test_an_order_of_last_month_is_forgotten():
    make_order("received", requested_at=timezone.now() - timedelta(days=31))
    assert record().orders == 0


def test_what_the_sandbox_gave_is_no_record_of_the_real_servers(settings):
    made(30)
    settings.LEGITSMS_API_KEY = "a key"
    assert record().orders == 0


# --- Out of stock


@pytest.mark.parametrize("word", ["NO_NUMBERS", "NO_NUMBER"])
def test_a_stock_that_ran_out_a_moment_ago_is_remembered(word):
    assert record().out_of_stock_at is None
    assert refused(word).ended_at == record().out_of_stock_at


def test_a_stock_that_ran_out_an_hour_ago_is_forgotten():
    refused(minutes_ago=31)
    assert record().out_of_stock_at is None


@pytest.mark.parametrize("word", ["NO_BALANCE", "BAD_SERVICE", "stopped"])
def test_another_refusal_says_nothing_of_the_stock(word):
    refused(word)
    assert record().out_of_stock_at is None


def test_the_last_of_several_times_counts():
    refused(minutes_ago=9)
    last = refused(minutes_ago=2)
    assert record().out_of_stock_at == last.ended_at


def test_a_number_that_was_given_since_ends_the_memory():
    refused(minutes_ago=9)
    make_order("waiting", bought_at=timezone.now() - timedelta(minutes=1))
    assert record().out_of_stock_at is None


def test_many_offers_are_asked_about_at_once(django_assert_num_queries):
    with django_assert_num_queries(1):
        delivery_stats.for_offers([offer(country=str(n)) for n in range(10)])


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (9.9, "0:09"), (60, "1:00"), (754, "12:34")])
def test_a_wait_is_told_in_minutes_and_seconds(seconds, text):
    assert delivery_stats.minutes(timedelta(seconds=seconds)) == text
