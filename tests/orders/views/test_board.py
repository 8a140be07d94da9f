from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from orders.lifecycle import transitions
from orders.models import Heartbeat
from orders.presentation import OrderCard
from orders.views.banner import Banner, current_banner
from provider.models import ProviderHealth
from tests.factories import make_heartbeats, make_listing, make_order, make_received, make_user

pytestmark = pytest.mark.django_db

BOARD = reverse("orders:board")
BUYING = ["orders:buy", "orders:review", "orders:offers", "catalog:search_services", "catalog:search_places"]
PAGES = ["orders:board", "orders:banner", "catalog:status", *BUYING]
PAGES_OF_ONE = ["orders:detail", "orders:card", "orders:cancel", "orders:note", "orders:reassign", "orders:settle"]


def queries(browser, url):
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(url).status_code == 200
    return len(asked)


def on_board(browser):
    return [card.order for card in browser.get(BOARD).context["cards"]]


def fill_board(orders):
    """A board as it may be: many members, every state, codes and copies."""
    statuses = ["requested", "waiting", "received", "finished", "unclear", "refused"]
    made = [make_order(statuses[n % 6], copied_by=make_user(), copied_at=timezone.now()) for n in range(orders)]
    [order.codes.create(text="123456") for order in made]


# --- Who may look


@pytest.mark.parametrize("name", PAGES)
def test_an_anonymous_visitor_is_sent_to_the_sign_in(client, name):
    response = client.get(reverse(name))
    assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_an_anonymous_visitor_sees_nothing_of_an_order(client, name):
    response = client.get(reverse(name, args=[make_order("waiting").pk]))
    assert (response.status_code, response.url.partition("?")[0]) == (302, reverse("account_login"))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_answers_a_member(desk, name):
    assert desk.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", PAGES_OF_ONE)
def test_every_page_of_an_order_answers_a_member(desk, member, name):
    assert desk.get(reverse(name, args=[make_order("unclear", owner=member).pk])).status_code == 200


@pytest.mark.parametrize("name", PAGES_OF_ONE)
@pytest.mark.parametrize("pk", [404, 2**63, 10**30])
def test_an_unknown_order_is_not_found(desk, name, pk):
    assert desk.get(reverse(name, args=[pk])).status_code == 404


@pytest.mark.parametrize("name", ["orders:board", "orders:banner", "orders:review"])
def test_a_page_to_look_at_takes_no_post(desk, name):
    assert desk.post(reverse(name)).status_code == 405


def test_when_a_session_has_ended_htmx_sends_the_whole_page_to_the_sign_in():
    visitor = Client(headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/orders/7/"})
    response = visitor.get(BOARD)
    assert response.headers["HX-Redirect"] == f"{reverse('account_login')}?next=/orders/7/"


def test_the_sign_in_after_a_session_does_not_lead_to_another_site():
    visitor = Client(headers={"HX-Request": "true", "HX-Current-URL": "https://evil.example/"})
    assert visitor.get(BOARD).headers["HX-Redirect"] == f"{reverse('account_login')}?next=/"


# --- The board


def test_a_new_order_is_on_the_board_of_every_member(desk, colleague):
    order = make_order("waiting", owner=colleague)
    assert f'id="order-{order.pk}"' in desk.get(BOARD).content.decode()


def test_the_board_is_newest_first(desk):
    older, newer = make_order("waiting", requested_at=timezone.now() - timedelta(minutes=1)), make_order("waiting")
    assert on_board(desk) == [newer, older]


@pytest.mark.parametrize(("minutes", "shown"), [(14, True), (16, False)])
def test_an_ended_order_stays_for_a_quarter_of_an_hour(desk, minutes, shown):
    order = make_order("finished", ended_at=timezone.now() - timedelta(minutes=minutes))
    assert (order in on_board(desk), OrderCard(order).is_shown) == (shown, shown)


def test_a_hidden_order_is_gone(desk):
    make_order("finished", hidden_at=timezone.now())
    assert on_board(desk) == []


def test_an_open_order_stays_however_old_it_is(desk):
    order = make_order("received", requested_at=timezone.now() - timedelta(days=3))
    assert on_board(desk) == [order]


def test_the_board_counts_mine_and_everyones(desk, member):
    make_order("waiting", owner=member)
    make_order("waiting")
    assert desk.get(BOARD).context["counts"] == {"mine": 1, "everyone": 2}


def test_htmx_gets_the_board_without_its_page(htmx):
    content = htmx.get(BOARD).content.decode()
    assert 'id="cards"' in content
    assert "<html" not in content


def test_the_board_asks_no_more_questions_when_it_holds_more_orders(desk):
    fill_board(6)
    few = queries(desk, BOARD)
    fill_board(24)
    assert queries(desk, BOARD) == few


def test_a_board_of_a_hundred_open_orders_takes_at_most_twelve_questions(desk):
    [make_received() for _ in range(100)]
    assert queries(desk, BOARD) <= 12


def test_what_strangers_wrote_is_shown_and_never_run(desk):
    make_received("<script>alert(1)</script>", note="<img src=x onerror=alert(2)>", service_name="<b>bold</b>")
    content = desk.get(BOARD).content.decode()
    assert "&lt;script&gt;alert(1)" in content
    assert not {"<script>alert", "<img src=x", "<b>bold"} & {word for word in content.split(">") if "alert" in word}
    assert "<b>bold" not in content


@pytest.mark.parametrize(
    "status", ["requested", "buying", "waiting", "received", "finished", "cancelled", "closed", "refused", "unclear"]
)
def test_a_card_of_every_state_says_its_state(desk, status):
    order = make_order(status)
    content = desk.get(reverse("orders:card", args=[order.pk])).content.decode()
    assert OrderCard(order).state_label in content
    assert f'data-state="{OrderCard(order).state}"' in content


def test_an_orders_page_shows_its_history(desk):
    order = make_order("waiting")
    transitions.change(order, "note", make_user(first_name="Cleo"), note="ticket 7")
    content = desk.get(reverse("orders:detail", args=[order.pk])).content.decode()
    assert "Note changed" in content
    assert "Cleo" in content


def test_an_orders_page_asks_no_more_questions_when_its_history_grows(desk):
    order = make_order("waiting")
    page = reverse("orders:detail", args=[order.pk])
    transitions.change(order, "note", make_user())
    few = queries(desk, page)
    [transitions.change(order, "note", make_user()) for _ in range(5)]
    assert queries(desk, page) == few


# --- The banner


@pytest.fixture
def fair(db):
    """Nothing is wrong."""
    make_heartbeats()
    make_listing()


def test_nothing_is_said_when_nothing_is_wrong(fair):
    assert current_banner() is None


def test_dead_workers_are_said_first(fair):
    Heartbeat.objects.filter(name="polling").delete()
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    assert current_banner().title == "Nobody is watching for codes."


def test_a_refused_key_is_said(fair):
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    assert current_banner().title == "LegitSMS did not accept the team's API key."


@pytest.mark.parametrize(("seconds", "title"), [(61, "LegitSMS does not answer."), (50, None)])
def test_silence_is_said_after_a_minute(fair, seconds, title):
    ProviderHealth.mark("sandbox", silent_since=timezone.now() - timedelta(seconds=seconds))
    assert getattr(current_banner(), "title", None) == title


def test_a_server_that_does_not_prove_to_be_legitsms_is_said_at_once(fair):
    ProviderHealth.mark("sandbox", untrusted_since=timezone.now(), silent_since=timezone.now() - timedelta(hours=1))
    banner = current_banner()
    assert (banner.level, banner.title) == ("danger", "The server that answers does not prove that it is LegitSMS.")


@pytest.mark.parametrize(
    ("level", "icon"), [("info", "info-circle"), ("warning", "alert-triangle"), ("danger", "alert-triangle")]
)
def test_the_icon_of_a_banner_tells_trouble_from_news(level, icon):
    assert Banner(level, "A title.", "A text.").icon == icon


def test_an_empty_wallet_is_said(fair):
    ProviderHealth.mark("sandbox", no_balance_since=timezone.now())
    assert current_banner().title == "Wallet empty."


def test_missing_lists_are_said(alive):
    assert current_banner().title == "LegitSMS's lists are not here yet."


def test_the_banner_of_the_sandbox_is_on_every_page(desk):
    assert "practice numbers, no money is spent" in desk.get(BOARD).content.decode()


def test_with_a_key_there_is_no_word_of_the_sandbox(desk, settings):
    settings.LEGITSMS_API_KEY = "a key"
    assert "practice numbers" not in desk.get(BOARD).content.decode()
