from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Country, Listing
from tests.factories import make_country, make_offer, make_service

pytestmark = pytest.mark.django_db

COUNTRIES = reverse("catalog:countries")
SERVICES = reverse("catalog:services")


def names(response):
    return [option.name for option in response.context["options"]]


@pytest.mark.parametrize("url", [COUNTRIES, SERVICES])
def test_the_lists_take_no_post(desk, url):
    assert desk.post(url).status_code == 405


@pytest.mark.parametrize("query", ["", "u", "US", "187"])
def test_a_country_is_found_by_a_part_of_its_name_or_its_code(desk, query):
    make_country()
    assert names(desk.get(COUNTRIES, {"q": query})) == ["USA"]


def test_names_that_begin_with_what_was_typed_come_first(desk):
    make_country("1", "New Caledonia")
    make_country("2", "Caledonia")
    assert names(desk.get(COUNTRIES, {"q": "cal"})) == ["Caledonia", "New Caledonia"]


def test_only_the_chosen_server_is_searched(desk):
    make_country(server=1)
    make_country("1", "United States", server=2)
    assert names(desk.get(COUNTRIES, {"server": 2})) == ["United States"]


def test_a_retired_country_is_not_offered(desk):
    make_country(retired_at=timezone.now())
    assert names(desk.get(COUNTRIES)) == []


def test_a_long_list_is_shown_in_part_with_its_length(desk):
    Country.objects.bulk_create(
        [Country(upstream="sandbox", server=1, code=str(n), name=f"Country {n}") for n in range(60)]
    )
    response = desk.get(COUNTRIES)
    assert (len(names(response)), response.context["total"]) == (50, 60)


@pytest.mark.parametrize("server", ["0", "4", "x", "", "1e1", "9" * 30, "\0", "٣"])
def test_a_server_that_there_is_not_counts_as_the_first(desk, server):
    make_country()
    assert names(desk.get(COUNTRIES, {"server": server})) == ["USA"]


@pytest.mark.parametrize("url", [COUNTRIES, SERVICES])
@pytest.mark.parametrize("field", ["q", "country", "country_text", "service_text"])
@pytest.mark.parametrize("text", ["\0", "%", "_\\", "'; --", "😀", "x" * 5000, "\ud800".encode("utf-8", "replace")])
def test_whatever_is_typed_is_only_searched_for(desk, url, field, text):
    make_offer()
    assert desk.get(url, {field: text}).status_code == 200


def test_the_services_of_a_server_need_no_country(desk):
    make_offer()
    assert names(desk.get(SERVICES, {"server": 1})) == ["Whatsapp"]


def test_on_the_server_that_lists_by_country_one_is_chosen_first(desk):
    content = desk.get(SERVICES, {"server": 3}).content.decode()
    assert "Choose a country first." in content


def test_only_the_services_of_the_chosen_country_are_offered(desk):
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=450)
    make_service("signal", "Signal", server=3, country="france")
    response = desk.get(SERVICES, {"server": 3, "country": "usa"})
    assert names(response) == ["Whatsapp"]
    assert "$1.20" in response.content.decode()


def test_a_list_that_is_not_here_yet_is_said_to_be_on_its_way(desk):
    make_country("usa", server=3)
    response = desk.get(SERVICES, {"server": 3, "country": "usa"})
    assert response.context["pending"]
    assert Listing.objects.get().wanted_at


def test_a_country_that_is_not_listed_is_fetched_for_nobody(desk):
    desk.get(SERVICES, {"server": 3, "country": "nowhere"})
    assert not Listing.objects.exists()
