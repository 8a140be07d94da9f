from decimal import Decimal

import pytest
from django.utils import timezone

from catalog import offers, tasks
from catalog.models import Listing
from catalog.offers import NotListed
from tests.factories import make_country, make_listing, make_offer, make_price, make_service

pytestmark = pytest.mark.django_db


@pytest.fixture
def bells(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "wake", rung.append)
    return rung


def test_an_offer_is_found_by_the_codes_of_its_server():
    country, service = make_offer(2, "1", "39")
    offer = offers.find(2, "1", "39")
    assert (offer.country, offer.service, offer.server_name) == (country, service, "Premium")


def test_an_offer_knows_how_old_its_list_is():
    make_offer()
    assert offers.find(1, "187", "wa").listed_at == Listing.objects.get(kind="services").refreshed_at


def test_a_code_goes_before_a_name():
    make_offer(1, "12", "wa")
    make_country("13", "12")
    assert offers.find(1, "12", "wa").country.code == "12"


def test_a_country_that_is_not_listed_is_told():
    make_offer()
    with pytest.raises(NotListed, match="Server 1 does not list this country") as gap:
        offers.find(1, "zz", "wa")
    assert gap.value.field == "country"


def test_a_service_that_is_not_listed_is_told():
    make_offer()
    with pytest.raises(NotListed, match="Server 1 does not list this service") as gap:
        offers.find(1, "187", "zz")
    assert gap.value.field == "service"


def test_the_rows_of_the_sandbox_are_not_offered_once_there_is_a_key(settings):
    make_offer()
    settings.LEGITSMS_API_KEY = "a key"
    with pytest.raises(NotListed):
        offers.find(1, "187", "wa")


def test_only_a_published_price_has_an_amount():
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"))
    make_price(make_service("amazon", "Amazon", server=3))
    prices = [offers.find(3, "usa", service).amount(3) for service in ("whatsapp", "amazon")]
    assert prices == [Decimal("3.60"), None]


def test_the_services_of_a_country_are_fetched_when_someone_looks(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        listing = offers.look_at(3, "usa")
    assert bells == [listing.pk]


def test_a_list_that_was_just_read_is_not_fetched_again(bells, django_capture_on_commit_callbacks):
    make_listing(server=3, country="usa")
    with django_capture_on_commit_callbacks(execute=True):
        offers.look_at(3, "usa")
    assert bells == []


def test_a_list_that_was_just_tried_is_not_fetched_again(bells, django_capture_on_commit_callbacks):
    make_listing(server=3, country="usa", refreshed_at=None, tried_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        offers.look_at(3, "usa")
    assert bells == []


def test_that_someone_looked_is_remembered():
    assert offers.look_at(3, "usa").wanted_at


def test_what_a_server_sells_in_another_country_only_is_not_offered():
    make_offer(3, "usa", "whatsapp")
    make_price(make_service("signal", "Signal", server=3), "france")
    with pytest.raises(NotListed, match="Server 3 does not list this service"):
        offers.find(3, "usa", "signal")


def test_a_country_that_is_not_listed_is_fetched_for_nobody():
    with pytest.raises(NotListed):
        offers.find(3, "nowhere", "whatsapp")
    assert not Listing.objects.exists()
