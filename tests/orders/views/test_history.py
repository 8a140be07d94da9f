import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.lifecycle import closing, transitions
from orders.models import Export
from orders.presentation import wording
from team.roles import Role
from tests.conftest import signed_in
from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db

HISTORY = reverse("orders:history")
EXPORT = reverse("orders:history_export")
OLD = timedelta(hours=25)


def reveal(order):
    return reverse("orders:reveal", args=[order.pk])


def row(order):
    return reverse("orders:history_row", args=[order.pk])


def make_old(text="889922", **fields):
    """A finished order whose code is older than the team lets codes stand open."""
    at = timezone.now() - OLD
    order = make_order("finished", received_at=at, bought_at=at - timedelta(seconds=48), requested_at=at, **fields)
    order.codes.create(text=text, received_at=at)
    return order


@pytest.fixture
def viewer(db):
    return signed_in(make_user("vera", Role.VIEWER))


def text(response):
    return response.content.decode()


# --- Who and how


@pytest.mark.parametrize("url", [HISTORY, reverse("orders:statistics")])
def test_a_member_without_a_role_sees_nothing(url):
    assert signed_in(make_user(role=None)).get(url).status_code == 403


@pytest.mark.parametrize("name", ["history", "history_export", "history_row", "reveal"])
def test_a_stranger_is_sent_to_the_sign_in(client, name):
    url = reverse(f"orders:{name}", args=[1] if name in {"history_row", "reveal"} else [])
    for answer in (client.get(url), client.post(url)):
        assert answer.status_code == 302
        assert answer.url.startswith("/accounts/login/")


@pytest.mark.parametrize(
    ("method", "url"), [("post", HISTORY), ("get", EXPORT), ("get", "/orders/1/reveal/"), ("post", "/orders/1/row/")]
)
def test_the_wrong_method_is_refused(desk, method, url):
    assert getattr(desk, method)(url).status_code == 405


@pytest.mark.parametrize(("method", "url"), [("post", "/orders/4711/reveal/"), ("get", "/orders/4711/row/")])
def test_an_order_that_is_not_there_is_not_found(desk, method, url):
    assert getattr(desk, method)(url).status_code == 404


# --- The page


def test_the_history_tells_of_each_order(desk, member):
    make_received(owner=member, phone="447911123456", note="ticket 4711", price="1.20")
    page = text(desk.get(HISTORY))
    for told in ("Whatsapp", "USA", "+44 7911 123456", "123456", "Code received", "ticket 4711", "$1.20", "Ana"):
        assert told in page


def test_an_unpublished_price_is_said_to_be_unknown_or_estimated(desk):
    make_order("waiting", price=None)
    assert "price not published" in text(desk.get(HISTORY))
    make_order("waiting", price=None, estimate="0.80")
    assert "≈$0.80" in text(desk.get(HISTORY))


def test_a_cell_without_content_is_marked_as_empty(desk):
    make_order("refused", phone="")
    page = text(desk.get(HISTORY))
    for cell in ("cell-number", "cell-code", "cell-waited", "cell-price"):
        assert f'class="{cell} is-empty"' in page
    make_received(price="1.20")
    assert 'class="cell-code"' in text(desk.get(HISTORY))


def test_the_buyer_stays_named_when_the_order_is_handed_over(desk, member, colleague):
    order = make_order("waiting", owner=member)
    transitions.change(order, "reassigned", member, owner=colleague)
    assert "Ana <span" in " ".join(text(desk.get(row(order))).split())
    assert "→ Ben" in text(desk.get(row(order)))


def test_htmx_gets_what_was_found_and_the_address_of_it(htmx):
    make_order("closed")
    answer = htmx.get(HISTORY, {"server": "1", "find": "whats", "member": "", "period": "7"})
    assert answer.headers["HX-Push-Url"] == "/history/?server=1&find=whats"
    assert text(answer).lstrip().startswith('<section id="history"')


def test_the_filters_show_what_is_chosen(desk):
    page = text(desk.get(HISTORY, {"server": "3", "service": "whatsapp", "find": '"><b>', "period": "30"}))
    for told in ('value="3" selected', 'value="whatsapp" selected', "&quot;&gt;&lt;b&gt;", 'value="30" selected'):
        assert told in page


def test_services_and_countries_of_the_period_can_be_chosen(desk):
    make_order("closed", brand_key="whatsapp", place_key="chile")
    make_order("closed", brand_key="telegram", requested_at=timezone.now() - timedelta(days=90))
    assert desk.get(HISTORY).context["services"] == [("whatsapp", "whatsapp")]
    assert desk.get(HISTORY).context["countries"] == [("chile", "chile")]


def test_where_nothing_matches_all_time_is_offered(desk):
    make_order("closed", requested_at=timezone.now() - timedelta(days=90))
    page = text(desk.get(HISTORY, {"find": "whats"}))
    assert "Nothing matches." in page
    assert "/history/?period=all&amp;find=whats" in page
    assert "Clear filters" in page


def test_older_orders_are_a_link_away(desk):
    for minutes in range(51):
        make_order("closed", requested_at=timezone.now() - timedelta(minutes=minutes), note=f"the {minutes}th")
    answer = desk.get(HISTORY, {"server": "1"})
    assert f"?server=1&amp;before={answer.context['page'].orders[-1].pk}" in text(answer)
    older = desk.get(HISTORY + answer.context["older"])
    assert [order.note for order in older.context["page"].orders] == ["the 50th"]


def test_questions_to_the_database_do_not_grow_with_rows(desk):
    make_received()
    desk.get(HISTORY)  # the first of all makes the row of the team's policy
    with CaptureQueriesContext(connection) as few:
        desk.get(HISTORY)
    [make_received(owner=make_user()) for _ in range(12)]
    with CaptureQueriesContext(connection) as many:
        desk.get(HISTORY)
    assert len(many) == len(few) <= 18


# --- A row


def test_an_open_row_tells_what_happened(htmx, member):
    order = make_order("waiting")
    closing.request_cancel(order, member)
    page = text(htmx.get(row(order)))
    assert "Cancel planned" in page
    assert 'aria-expanded="true"' in page


def test_a_row_is_closed_again(htmx):
    page = text(htmx.get(row(make_order("waiting")), {"closed": ""}))
    assert 'aria-expanded="false"' in page
    assert "timeline" not in page


# --- Codes


@pytest.mark.parametrize("url", [HISTORY, "row"])
def test_an_old_code_is_masked(desk, url):
    order = make_old()
    page = text(desk.get(row(order) if url == "row" else url))
    assert "889922" not in page
    assert "••••22" in page


def test_an_orders_own_page_masks_an_old_code_and_offers_to_reveal_it(desk, viewer):
    url = reverse("orders:detail", args=[make_old().pk])
    page = text(desk.get(url))
    assert "889922" not in page
    assert "reveal/" in page
    assert "reveal/" not in text(viewer.get(url))


def test_an_orders_own_page_offers_to_reveal_nothing_that_is_open(desk):
    url = reverse("orders:detail", args=[make_received(text="889922").pk])
    assert "889922" in text(desk.get(url))
    assert "reveal/" not in text(desk.get(url))


def test_a_new_code_is_open_to_a_buyer_and_masked_for_a_viewer(desk, viewer):
    make_received(text="889922")
    assert "889922" in text(desk.get(HISTORY))
    assert "889922" not in text(viewer.get(HISTORY))


def test_a_member_reveals_an_old_code_and_that_is_written_down(htmx, member):
    order = make_old()
    answer = htmx.post(reveal(order))
    assert "889922" in text(answer)
    event = order.events.get()
    assert (wording.event_text(event), event.actor) == ("Looked at the code", member)


def test_without_javascript_the_code_is_on_a_page(desk):
    page = text(desk.post(reveal(make_old())))
    assert "889922" in page
    assert "<html" in page


def test_a_viewer_reveals_nothing_and_is_offered_nothing(viewer):
    order = make_old()
    assert viewer.post(reveal(order)).status_code == 403
    assert not order.events.exists()
    assert "reveal/" not in text(viewer.get(HISTORY))


def test_where_there_is_no_code_nobody_looked_at_it(htmx):
    order = make_order("waiting")
    htmx.post(reveal(order))
    assert not order.events.exists()


def test_what_retention_deleted_is_said_to_be(desk):
    order = make_order("finished", phone="", received_at=timezone.now(), erased_at=timezone.now())
    assert text(desk.get(row(order))).count("deleted") == 2


# --- The file


def exported(browser, query=""):
    answer = browser.post(EXPORT + query)
    lines = b"".join(answer.streaming_content).decode("utf-8-sig")
    return answer, list(csv.DictReader(io.StringIO(lines, newline="")))


def test_the_file_holds_what_was_found(desk):
    make_order("closed", server=3, note="this")
    make_order("closed", server=1)
    assert [line["For"] for line in exported(desk, "?server=3")[1]] == ["this"]


def test_the_file_is_named_and_never_shown_as_a_page(desk):
    answer, _ = exported(desk)
    today = f"{timezone.now():%Y-%m-%d}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="legitsms-desk-orders-{today}.csv"'
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("browser", ["desk", "viewer"])
def test_masked_codes_stay_masked_in_the_file(browser, request):
    make_old()
    assert exported(request.getfixturevalue(browser))[1][0]["Codes"] == "••••22"


def test_a_viewers_file_holds_no_new_code_either(viewer):
    make_received(text="889922")
    assert exported(viewer)[1][0]["Codes"] == "••••22"


def test_who_takes_a_file_is_written_down(desk, member, caplog):
    caplog.set_level("INFO")
    exported(desk, "?server=3&find=a%0Ab")
    assert "ana exports the history with the filters «?server=3&find=a%0Ab»" in caplog.text
    assert Export.objects.get().member == member


def test_the_sixth_file_within_an_hour_is_put_off(desk):
    [exported(desk) for _ in range(5)]
    answer = desk.post(EXPORT)
    assert answer.status_code == 429
    assert "The next one is possible at" in text(answer)


def test_a_filter_that_makes_no_sense_exports_nothing(desk):
    make_order("closed")
    assert exported(desk, "?server=9")[1] == []
