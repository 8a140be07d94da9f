import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from catalog.matching import matches
from catalog.models import Country
from tests.factories import make_country, make_offer, make_service

pytestmark = pytest.mark.django_db

PLACES = reverse("catalog:search_places")
SERVICES = reverse("catalog:search_services")
BOTH = pytest.mark.parametrize("url", [PLACES, SERVICES])


def names(response):
    return [option.name for option in response.context["options"]]


@BOTH
def test_the_lists_take_no_post(desk, url):
    assert desk.post(url).status_code == 405


@BOTH
def test_an_anonymous_visitor_searches_nothing(url, db):
    assert Client().get(url).status_code == 302


@pytest.mark.parametrize("query", ["", "u", "US", "states", "usa"])
def test_a_country_is_found_by_a_part_of_its_name_or_its_iso_code(desk, query):
    make_country()
    assert names(desk.get(PLACES, {"country_text": query})) == ["USA"]


def test_names_that_begin_with_what_was_typed_come_first(desk):
    make_country("1", "New Caledonia")
    make_country("2", "Caledonia")
    assert names(desk.get(PLACES, {"q": "cal"})) == ["Caledonia", "New Caledonia"]


def test_a_place_is_one_option_with_all_the_servers_that_have_it(desk):
    make_country(server=1)
    make_country("1", "United States", server=2)
    [option] = desk.get(PLACES).context["options"]
    assert option.servers == (1, 2)


def test_a_service_is_one_option_with_all_the_servers_that_have_it(desk):
    make_service(server=1)
    make_service("whatsapp", "whatsapp", server=3)
    [option] = desk.get(SERVICES, {"service_text": "whats"}).context["options"]
    assert (option.name, option.servers) == ("WhatsApp", (1, 3))


def test_a_retired_country_is_not_offered(desk):
    make_country(retired_at=timezone.now())
    assert names(desk.get(PLACES)) == []


def test_a_long_list_is_shown_in_part_with_its_length(desk):
    rows = [Country(upstream="sandbox", server=1, code=str(n), name=f"Country {n}") for n in range(60)]
    Country.objects.bulk_create(rows)
    matches.assign_places(Country.objects.all())
    response = desk.get(PLACES)
    assert (len(names(response)), response.context["total"]) == (50, 60)


@BOTH
@pytest.mark.parametrize("field", ["q", "country", "country_text", "service_text"])
@pytest.mark.parametrize("text", ["\0", "%", "_\\", "'; --", "😀", "x" * 5000, "\ud800".encode("utf-8", "replace")])
def test_whatever_is_typed_is_only_searched_for(desk, url, field, text):
    make_offer()
    assert desk.get(url, {field: text}).status_code == 200


def test_a_name_with_markup_is_only_shown(desk):
    make_service("x", "<img src=x onerror=alert(1)>")
    content = desk.get(SERVICES).content.decode()
    assert "<img" not in content
    assert "&lt;img src=x" in content


@BOTH
def test_a_search_costs_the_same_however_much_is_listed(desk, url, django_assert_num_queries):
    make_offer()
    desk.get(url)
    [make_service(f"s{n}", f"Service {n}") for n in range(20)]
    with django_assert_num_queries(6):  # session, member, role, favourites, the last change of lists and of decisions
        desk.get(url)
