"""Which orders the history finds, and how it pages through them."""

from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

import pytest
import time_machine
from django.http import QueryDict
from django.utils import timezone

from orders.models.search import as_number
from orders.reports.history import PAGE, HistoryFilter, Page
from tests.factories import make_order, make_user
from tests.hostile import INJECTIONS

pytestmark = pytest.mark.django_db


def found(query=""):
    return Page.of(HistoryFilter(QueryDict(query)).orders).orders


def days_ago(days):
    return timezone.now() - timedelta(days=days)


# --- Search


@pytest.mark.parametrize(
    "written",
    [
        "+44 7911 123456",
        "447911123456",
        "+44 (0)7911 123-456",
        "0044 7911 123456",
        "07911 123456",
        "07911/123.456",
        "123456",
        "44791112",
        "7911 123",
    ],
)
def test_a_number_is_found_in_any_format(written):
    order = make_order("waiting", phone="447911123456")
    make_order("waiting", phone="447911999999", activation_id="other")
    assert found(urlencode({"find": written})) == [order]


@pytest.mark.parametrize(
    ("written", "digits"),
    [("8 (912) 345-67-89", "9123456789"), ("06 20 123 4567", "201234567"), ("0049", "0049"), ("room 5", ""), ("", "")],
)
def test_what_is_dialled_at_home_before_a_number_is_no_part_of_it(written, digits):
    assert as_number(written) == digits


@pytest.mark.parametrize(
    "text", ["whats", "WHATSAPP", "usa", "ticket 47", "Ünal", "ünal", "ÜNAL", "55-00", "550011", "carla"]
)
def test_an_order_is_found_by_its_service_country_note_id_and_member(text):
    fields = {"activation_id": "550011", "note": "Ticket 4711 for Ünal, room 55-00"}
    order = make_order("finished", owner=make_user("c.smith", first_name="Carla"), **fields)
    make_order("finished", service_name="Amazon", country_name="Chile", activation_id="1", phone="56911111111")
    assert found(f"find={text}") == [order]


def test_every_word_must_fit():
    order = make_order("finished", note="red ticket")
    make_order("finished", note="blue ticket")
    assert found("find=whatsapp+red") == [order]


@pytest.mark.parametrize("text", ["%", "_", "\\", "12%25", "1_0"])
def test_a_wildcard_is_a_sign_like_any_other(text):
    make_order("finished")
    assert found(f"find={text}") == []


def test_a_code_finds_nothing_since_it_may_be_masked():
    make_order("finished", received_at=timezone.now()).codes.create(text="982451")
    assert found("find=982451") == []


@pytest.mark.parametrize("text", INJECTIONS)
def test_a_hostile_search_finds_nothing_and_breaks_nothing(text):
    make_order("finished")
    assert found(urlencode({"find": text})) == []


def test_there_are_two_hundred_hostile_searches():
    assert len(set(INJECTIONS)) >= 200


# --- Filters


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("service=telegram", {"brand_key": "telegram"}),
        ("country=chile", {"place_key": "chile"}),
        ("server=3", {"server": 3}),
        ("result=unclear", {"status": "unclear"}),
        ("result=code", {"status": "received"}),
        ("result=code", {"status": "finished"}),
        ("result=open", {"status": "waiting"}),
    ],
)
def test_a_filter_leaves_what_fits(query, field):
    order = make_order(**{"status": "closed"} | field)
    make_order("closed")
    assert found(query) == [order]


def test_the_history_of_one_member_is_what_is_theirs_now(member, colleague):
    order = make_order("finished", owner=member)
    make_order("finished", owner=colleague)
    assert found(f"member={member.pk}") == [order]


@time_machine.travel(datetime(2026, 3, 1, 12, tzinfo=UTC), tick=False)
@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("today", [0]),
        ("7", [0, 6]),
        ("30", [0, 6, 28]),
        ("last-month", [6, 28]),
        ("this-month", [0]),
        ("all", [0, 6, 28, 400]),
    ],
)
def test_a_period_is_counted_in_whole_days(period, days):
    orders = {day: make_order("closed", requested_at=days_ago(day)) for day in (0, 6, 28, 400)}
    assert found(f"period={period}") == [orders[day] for day in days]


def test_a_week_goes_without_saying():
    make_order("closed", requested_at=days_ago(8))
    assert found() == []


@pytest.mark.parametrize(
    "query",
    ["server=9", "server=x", "member=0", "member=999999999999999999999", "member=x", "result=x", "period=x",
     "before=0", "before=-1", "before=x", "before=99999999999999999999", "before=4711", f"find={'a' * 81}", "find=%00",
     "service=%00", f"country={'x' * 200}", "service=x"],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_matches_nothing(query):
    make_order("closed")
    assert found(query) == []


@pytest.mark.parametrize("query", ["find=", "find=+", "server=&member=&service=&result=", "unknown=1", "period="])
def test_an_empty_filter_is_none(query):
    order = make_order("closed")
    assert found(query) == [order]


# --- Pages


def test_pages_hold_each_order_once_also_where_many_have_one_time():
    at = timezone.now()
    made = [make_order("closed", requested_at=at) for _ in range(PAGE + 3)]
    first = Page.of(HistoryFilter(QueryDict()).orders)
    rest = found(f"before={first.next_before}")
    assert [*first.orders, *rest] == made[::-1]


def test_a_new_order_shifts_no_page():
    for minutes in range(PAGE + 1):
        make_order("closed", requested_at=timezone.now() - timedelta(minutes=minutes))
    before = Page.of(HistoryFilter(QueryDict()).orders).next_before
    older = found(f"before={before}")
    make_order("closed")
    assert found(f"before={before}") == older != []


def test_the_last_page_says_so():
    make_order("closed")
    assert Page.of(HistoryFilter(QueryDict()).orders).next_before is None


# --- The address


def test_the_address_says_what_is_asked_and_nothing_else():
    wanted = HistoryFilter(QueryDict("period=7&server=3&find=a+b&member=&before=9&other=1"))
    assert wanted.query == "?server=3&find=a+b&before=9"
    assert wanted.query_of_any_time == "?period=all&server=3&find=a+b"


def test_the_filter_offers_every_member_by_name():
    ben, ana = make_user("ben", first_name="Ben"), make_user("ana", first_name="Ana")
    assert HistoryFilter(QueryDict("")).members == [(str(ana.pk), "Ana"), (str(ben.pk), "Ben")]
