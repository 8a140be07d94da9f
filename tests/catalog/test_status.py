from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog import status, tasks
from catalog.matching import matches
from catalog.models import Brand, Decision, Listing, Service, Suggestion
from tests.catalog.refreshing import FRANCE, USA, many, on_three, prices, refresh
from tests.factories import make_listing, make_offer, make_service

pytestmark = pytest.mark.django_db

PAGE = reverse("catalog:status")
REFRESH = reverse("catalog:refresh")


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "enqueue", rung.append)
    return rung


@pytest.fixture
def suggestion():
    """A question for an administrator: whether two names are one brand."""
    make_service("wm", "Wing Money")
    make_service("9", "Wing Monney", server=2)
    matches.suggest("sandbox")
    return Suggestion.objects.get(service__server=2)


@pytest.fixture
def held():
    """A list that shrank by more than half."""
    [refresh(*many(count), kind="services") for count in (21, 5)]
    return Listing.objects.get()


def of(number):
    return status.server_statuses()[number - 1]


def decide(browser, suggestion, verdict="same"):
    return browser.post(reverse("catalog:decide", args=[suggestion.pk]), {"verdict": verdict})


def accept(browser, listing):
    return browser.post(reverse("catalog:accept", args=[listing.pk]))


# --- What it says


def test_each_server_tells_how_much_it_lists_and_since_when():
    make_offer(2, "1", "39")
    make_service("40", "Signal", server=2, retired_at=timezone.now())
    two = of(2)
    assert (two.countries, two.services, two.problem, two.fresh_countries) == (1, 1, "", None)
    assert two.refreshed_at == Listing.objects.order_by("refreshed_at")[0].refreshed_at


def test_a_server_of_which_one_list_is_missing_was_not_refreshed():
    make_listing("countries")
    make_listing("services", refreshed_at=None)
    assert of(1).refreshed_at is None


def test_the_server_with_a_list_for_each_country_tells_its_progress():
    refresh(USA, FRANCE, server=3)
    on_three(*prices(whatsapp="1.2"), country="187")
    assert (of(3).fresh_countries, of(3).listed_countries) == (1, 2)


def test_a_countrys_list_is_fresh_for_a_while():
    make_listing(server=3, country="usa", refreshed_at=timezone.now() - timedelta(hours=7))
    assert (of(3).fresh_countries, of(3).listed_countries) == (0, 1)


def test_a_list_that_failed_and_rows_that_were_left_out_are_told():
    make_listing(problem="timeout", rejected="row 2: no name\nrow 3: code 5 again")
    assert (of(1).problem, of(1).rejected) == ("timeout", ["row 2: no name", "row 3: code 5 again"])


def test_what_is_joined_and_what_is_not_is_counted():
    make_offer(1)
    make_offer(2, "1", "39")
    make_service("tg", "Telegram")
    assert status.match_counts() == {
        "places_matched": 1,
        "places_unmatched": 0,
        "brands_matched": 1,
        "brands_unmatched": 1,
    }


def test_the_page_shows_it(desk, suggestion, held):
    context = desk.get(PAGE).context
    assert [listing.held_rows for listing in context["servers"][0].held] == [5]
    assert suggestion in context["suggestions"]


def test_names_that_strangers_wrote_are_only_shown(desk):
    make_service("x", "<img src=x>")
    make_service("y", "<img src=xx>", server=2)
    make_listing(rejected="row 2: <script>alert(1)</script>")
    matches.suggest("sandbox")
    content = desk.get(PAGE).content.decode()
    assert "<img" not in content
    assert "<script>alert" not in content


def test_the_page_costs_the_same_however_much_is_listed(desk, suggestion, django_assert_max_num_queries):
    [make_listing(server=3, country=str(n)) for n in range(30)]
    with django_assert_max_num_queries(45):
        desk.get(PAGE)


# --- Who may do what


def test_an_anonymous_visitor_sees_and_changes_nothing(client, suggestion, held):
    answers = [client.get(PAGE), client.post(REFRESH), decide(client, suggestion), accept(client, held)]
    assert [answer.status_code for answer in answers] == [302] * 4
    assert not Decision.objects.exists()


@pytest.mark.parametrize("name", ["catalog:decide", "catalog:accept"])
def test_a_member_decides_nothing(desk, suggestion, held, name):
    pk = {"catalog:decide": suggestion.pk, "catalog:accept": held.pk}[name]
    assert desk.post(reverse(name, args=[pk]), {"verdict": "same"}).status_code == 403
    assert (Decision.objects.exists(), Listing.objects.get().may_shrink) == (False, False)


def test_a_member_sees_no_buttons_of_administrators(desk, admin_desk, suggestion, held):
    url = reverse("catalog:decide", args=[suggestion.pk])
    assert [url in browser.get(PAGE).content.decode() for browser in (desk, admin_desk)] == [False, True]


@pytest.mark.parametrize("url", [REFRESH, reverse("catalog:decide", args=[1]), reverse("catalog:accept", args=[1])])
def test_looking_changes_nothing(admin_desk, url):
    assert admin_desk.get(url).status_code == 405


# --- Refresh now


def test_anyone_may_have_the_lists_read_now(htmx, bells, django_capture_on_commit_callbacks):
    old = make_listing(refreshed_at=timezone.now() - timedelta(minutes=5))
    with django_capture_on_commit_callbacks(execute=True):
        response = htmx.post(REFRESH)
    assert bells == [old.pk]
    assert response.context["is_refreshing"]


def test_a_list_that_was_read_a_moment_ago_is_not_read_again(htmx, bells, django_capture_on_commit_callbacks):
    make_listing()
    with django_capture_on_commit_callbacks(execute=True):
        response = htmx.post(REFRESH)
    assert (bells, response.context["is_refreshing"]) == ([], False)


def test_the_lists_of_single_countries_stay_a_trickle(htmx, bells, django_capture_on_commit_callbacks):
    make_listing(server=3, country="usa", refreshed_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        htmx.post(REFRESH)
    assert bells == []


def test_the_page_asks_on_while_a_list_is_being_read(htmx):
    ago = timezone.now() - timedelta(minutes=5)
    make_listing(refreshed_at=ago, tried_at=timezone.now(), wanted_at=timezone.now())
    assert htmx.get(PAGE).context["is_refreshing"]


def test_without_javascript_a_press_leads_back_to_the_page(desk):
    response = desk.post(REFRESH)
    assert (response.status_code, response.url) == (302, PAGE)


# --- What administrators decide


def test_an_administrator_joins_two_names(admin_desk, suggestion):
    decide(admin_desk, suggestion)
    assert Service.objects.get(server=2).brands.get().key == "wingmoney"
    assert Decision.objects.get().decided_by.is_superuser


def test_an_administrator_keeps_two_names_apart(admin_desk, suggestion):
    decide(admin_desk, suggestion, "different")
    matches.suggest("sandbox")
    assert not Suggestion.objects.filter(service__server=2).exists()
    assert Service.objects.get(server=2).brands.get() != Brand.objects.get(key="wingmoney")


@pytest.mark.parametrize("verdict", ["", "maybe", "\0", "SAME"])
def test_a_verdict_that_there_is_not_decides_nothing(admin_desk, suggestion, verdict):
    decide(admin_desk, suggestion, verdict)
    assert not Decision.objects.exists()


def test_a_question_that_is_settled_is_not_found(admin_desk, suggestion):
    assert [decide(admin_desk, suggestion).status_code for _ in range(2)] == [302, 404]


def test_an_administrator_accepts_a_short_list(admin_desk, held, bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        accept(admin_desk, held)
    assert bells == [held.pk]
    assert refresh(*many(5), kind="services").held_rows is None
    assert Service.objects.listed(1).count() == 5


def test_a_short_list_that_is_accepted_keeps_its_age_until_it_is_read(admin_desk, held):
    accept(admin_desk, held)
    assert Listing.objects.get().refreshed_at == held.refreshed_at


def test_a_list_that_is_not_held_back_is_not_accepted(admin_desk):
    assert accept(admin_desk, make_listing()).status_code == 404


def test_a_wrong_join_is_undone_in_one_step_and_stays_undone(admin_desk):
    service = make_service("wa", "WhatsApp")
    matches.assign_brands(Service.objects.filter(pk=service.pk))
    where = {"server": 1, "code": "wa", "brand": "whatsapp"}
    answer = admin_desk.post("/catalog/part/", where, headers={"HX-Request": "true"})
    matches.assign_brands(Service.objects.filter(pk=service.pk))
    assert (answer.headers["HX-Refresh"], service.brands.filter(key="whatsapp").exists()) == ("true", False)


def test_only_an_administrator_undoes_a_join(desk):
    assert desk.post("/catalog/part/", {"server": 1, "code": "wa", "brand": "whatsapp"}).status_code == 403


@pytest.mark.parametrize("wrong", [{"server": "x"}, {"server": "9" * 40}, {"code": "\0"}, {"brand": ""}])
def test_a_join_that_there_is_not_cannot_be_undone(admin_desk, wrong):
    where = {"server": 1, "code": "wa", "brand": "whatsapp"} | wrong
    assert admin_desk.post("/catalog/part/", where).status_code == 404
