from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db

STATISTICS = reverse("orders:statistics")


def text(response):
    return response.content.decode()


def test_a_stranger_is_sent_to_the_sign_in(client):
    assert client.get(STATISTICS).url.startswith("/accounts/login/")


def test_the_wrong_method_is_refused(desk):
    assert desk.post(STATISTICS).status_code == 405


def test_without_orders_it_says_so(desk):
    assert "No orders in this period." in text(desk.get(STATISTICS))


def test_the_page_tells_rates_waits_and_money(desk, member):
    at = timezone.now()
    for _ in range(5):
        times = {"bought_at": at, "received_at": at + timedelta(seconds=64)}
        make_order("finished", owner=member, price="1.20", note="ticket 4711", **times)
    page = text(desk.get(STATISTICS))
    for told in ("100 %", "5 of 5", "1:04", "$6.00", "Ana", "ticket 4711", 'class="heat-10"', "<svg"):
        assert told in page


def test_too_few_orders_are_not_judged(desk):
    make_received(price=None)
    page = text(desk.get(STATISTICS))
    assert "too few to judge" in page
    assert " %" not in page
    assert "$0.00" not in page


def test_the_period_stands_in_the_address(htmx):
    make_order("closed", requested_at=timezone.now() - timedelta(days=80))
    answer = htmx.get(STATISTICS, {"period": "90"})
    assert answer.headers["HX-Push-Url"] == "/statistics/?period=90"
    assert text(answer).lstrip().startswith('<div id="statistics"')
    assert "No orders" not in text(answer)


@pytest.mark.parametrize("period", ["", "x", "' OR 1=1--", "7\0"])
def test_a_period_that_makes_no_sense_is_the_usual_one(desk, period):
    assert desk.get(STATISTICS, {"period": period}).context["period"] == "30"


def test_a_purpose_is_shown_as_it_was_written(desk):
    make_order("waiting", note="<script>alert(1)</script>")
    page = text(desk.get(STATISTICS))
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert" not in page


def test_questions_to_the_database_do_not_grow_with_rows(desk):
    make_received()
    desk.get(STATISTICS)
    with CaptureQueriesContext(connection) as few:
        desk.get(STATISTICS)
    [make_received(owner=make_user(), note=f"ticket {n}", brand_key=f"brand{n}") for n in range(12)]
    with CaptureQueriesContext(connection) as many:
        desk.get(STATISTICS)
    assert len(many) == len(few) <= 20
