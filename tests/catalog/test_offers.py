from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog import offers, tasks
from catalog.models import Brand, Listing, Place, Price
from catalog.offers import NotListed
from tests.factories import make_country, make_listing, make_offer, make_price, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "enqueue", rung.append)
    return rung


def test_an_offer_is_found_by_the_codes_of_its_server():
    country, service = make_offer(2, "1", "39")
    offer = offers.get_offer(2, "1", "39")
    assert (offer.country, offer.service, offer.server_name) == (country, service, "Premium")


def test_an_offer_knows_how_old_its_list_is():
    make_offer()
    assert offers.get_offer(1, "187", "wa").listed_at == Listing.objects.get(kind="services").refreshed_at


def test_a_code_goes_before_a_name():
    make_offer(1, "12", "wa")
    make_country("13", "12")
    assert offers.get_offer(1, "12", "wa").country.code == "12"


def test_a_country_that_is_not_listed_is_told():
    make_offer()
    with pytest.raises(NotListed, match="Server 1 does not list this country") as gap:
        offers.get_offer(1, "zz", "wa")
    assert gap.value.field == "country"


def test_a_service_that_is_not_listed_is_told():
    make_offer()
    with pytest.raises(NotListed, match="Server 1 does not list this service") as gap:
        offers.get_offer(1, "187", "zz")
    assert gap.value.field == "service"


def test_the_rows_of_the_sandbox_are_not_offered_once_there_is_a_key(settings):
    make_offer()
    settings.LEGITSMS_API_KEY = "a key"
    with pytest.raises(NotListed):
        offers.get_offer(1, "187", "wa")


def test_only_a_published_price_has_an_amount():
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"))
    make_price(make_service("amazon", "Amazon", server=3))
    prices = [offers.get_offer(3, "usa", service).amount(3) for service in ("whatsapp", "amazon")]
    assert prices == [Decimal("3.60"), None]


def test_the_services_of_a_country_are_fetched_when_someone_looks(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        listing = offers.view_listing(3, "usa")
    assert bells == [listing.pk]


def test_a_list_that_was_just_read_is_not_fetched_again(bells, django_capture_on_commit_callbacks):
    make_listing(server=3, country="usa")
    with django_capture_on_commit_callbacks(execute=True):
        offers.view_listing(3, "usa")
    assert bells == []


def test_a_list_that_was_just_tried_is_not_fetched_again(bells, django_capture_on_commit_callbacks):
    make_listing(server=3, country="usa", refreshed_at=None, tried_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        offers.view_listing(3, "usa")
    assert bells == []


def test_that_someone_looked_is_remembered():
    assert offers.view_listing(3, "usa").wanted_at


def test_what_a_server_sells_in_another_country_only_is_not_offered():
    make_offer(3, "usa", "whatsapp")
    make_price(make_service("signal", "Signal", server=3), "france")
    with pytest.raises(NotListed, match="Server 3 does not list this service"):
        offers.get_offer(3, "usa", "signal")


def test_a_country_that_is_not_listed_is_fetched_for_nobody():
    with pytest.raises(NotListed):
        offers.get_offer(3, "nowhere", "whatsapp")
    assert not Listing.objects.exists()


# --- All offers of a brand in a place


def brand(key="whatsapp"):
    return Brand.objects.get(key=key)


def usa():
    return Place.objects.get(key="us")


def compared():
    return offers.find_offers(brand(), usa())


def test_each_server_has_its_own_offer_with_its_own_codes():
    make_offer(1)
    make_offer(2, "1", "39")
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=450)
    figures = [(offer.value, offer.price, offer.stock) for offer in compared().offers]
    assert figures == [("1|187|wa", None, None), ("2|1|39", None, None), ("3|usa|whatsapp", Decimal("1.20"), 450)]


def test_several_countries_and_services_of_one_server_are_several_offers():
    make_offer(1)
    make_country("12", "Usa (virtual)")
    make_service("wx", "whatsapp")
    values = [offer.value for offer in compared().offers]
    assert values == ["1|187|wa", "1|187|wx", "1|12|wa", "1|12|wx"]


def test_a_bundle_is_offered_for_each_of_its_brands():
    make_offer(1)
    make_service("go", "Google,youtube,Gmail")
    found = [offers.find_offers(brand(key), usa()).offers for key in ("google", "youtube")]
    assert [[offer.service.code for offer in each] for each in found] == [["go"], ["go"]]


def test_a_server_without_the_service_or_the_country_is_missing():
    make_offer(1)
    make_country("1", "United States", server=2)
    assert compared().missing == [2, 3]


@pytest.mark.parametrize("index", [0, 1])
def test_what_is_retired_is_not_offered(index):
    row = make_offer(1)[index]
    type(row).objects.update(retired_at=timezone.now())
    assert compared().offers == []


def test_a_price_that_is_retired_is_no_offer():
    make_offer(3, "usa", "whatsapp")
    Price.objects.update(retired_at=timezone.now())
    assert compared().offers == []


@pytest.mark.parametrize(
    ("fields", "pending"),
    [
        ({"refreshed_at": timedelta(0)}, False),
        ({"refreshed_at": timedelta(minutes=3)}, True),
        ({"refreshed_at": timedelta(minutes=3), "tried_at": timedelta(seconds=1)}, True),
        ({"refreshed_at": timedelta(seconds=0), "tried_at": timedelta(seconds=1)}, False),
    ],
)
def test_a_figure_is_pending_until_the_new_one_is_here(fields, pending):
    make_offer(3, "usa", "whatsapp")
    Listing.objects.filter(country="usa").update(**{name: timezone.now() - ago for name, ago in fields.items()})
    assert compared().is_pending is pending


def test_looking_at_offers_fetches_the_list_of_that_country_only(bells, django_capture_on_commit_callbacks):
    make_offer(3, "usa", "whatsapp")
    Listing.objects.update(refreshed_at=None)
    make_listing(server=3, country="france", refreshed_at=None)
    with django_capture_on_commit_callbacks(execute=True):
        compared()
    assert bells == [Listing.objects.get(country="usa").pk]


def test_it_is_known_in_how_many_countries_each_server_sells_it():
    make_offer(1)
    make_country("16", "United Kingdom")
    _, service = make_offer(3, "usa", "whatsapp")
    [make_country(code, code, server=3) for code in ("france", "peru")]
    [make_price(service, country) for country in ("france", "peru")]
    assert offers.place_counts(brand()) == [(1, 2), (3, 3)]


def test_only_places_where_a_brand_is_sold_are_shown_for_it():
    make_offer(3, "usa", "whatsapp")
    make_country("peru", "peru", server=3)
    assert offers.servers_by_place(brand()) == {"us": {3}}


def test_more_offers_of_a_server_cost_no_more_queries(django_assert_num_queries):
    make_offer(3, "usa", "whatsapp")
    [make_price(make_service(f"whatsapp{n}", "whatsapp", server=3)) for n in range(5)]
    what, where = brand(), usa()
    with django_assert_num_queries(6):
        assert len(offers.find_offers(what, where).offers) == 6
