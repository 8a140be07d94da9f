from datetime import timedelta

import pytest
from django.utils import timezone

import legitsms
from catalog import search
from catalog.matching import matches
from catalog.models import Brand, Listing
from tests.catalog.refreshing import refresh
from tests.catalog.strangers import HOSTILE
from tests.factories import make_country, make_listing, make_service

pytestmark = pytest.mark.django_db


def named(results):
    return [option.name for option in results.options]


@pytest.fixture
def listed():
    """A few brands and places, as three servers may list them."""
    make_service("wa", "WhatsApp")
    make_service("whatsapp", "whatsapp", server=3)
    make_service("wb", "WhatsApp Business")
    make_service("tg", "Telegram")
    make_service("vk", "VK")
    make_country("187", "USA")
    make_country("16", "United Kingdom")
    make_country("1", "Ukraine")


# --- One box


@pytest.mark.parametrize("text", ["whatsapp", "WHATS", " Whats App ", "\uff57\uff48\uff41\uff54\uff53", "hatsap"])
def test_a_part_of_a_name_is_enough(listed, text):
    assert named(search.brands(text))[0] == "WhatsApp"


@pytest.mark.parametrize("text", ["whatsap", "whatsaap", "watsapp", "whtasapp", "whatspap"])
def test_a_slip_of_the_finger_is_forgiven(listed, text):
    assert named(search.brands(text))[0] == "WhatsApp"


@pytest.mark.parametrize(
    ("text", "name"),
    [("uk", "United Kingdom"), ("usa", "USA"), ("us", "USA"), ("gb", "United Kingdom"), ("ua", "Ukraine")],
)
def test_a_place_has_other_names_too(listed, text, name):
    assert named(search.places(text))[0] == name


def test_a_brand_has_other_names_too(listed):
    assert named(search.brands("vkontakte")) == named(search.brands("vk")) == ["VK"]


@pytest.mark.parametrize("text", ["whatsapp usa", "whatsapp  US", "whats united states", "WhatsApp us"])
def test_a_service_and_a_country_typed_in_one_go_are_a_pair(listed, text):
    first = search.brands(text).options[0]
    assert (first.name, first.place.name) == ("WhatsApp", "USA")


def test_a_brand_of_two_words_is_no_pair(listed):
    first = search.brands("whatsapp business").options[0]
    assert (first.name, first.place) == ("WhatsApp Business", None)


def test_a_brand_of_two_words_can_be_of_a_pair(listed):
    first = search.brands("whatsapp business uk").options[0]
    assert (first.name, first.place.name) == ("WhatsApp Business", "United Kingdom")


def test_what_begins_so_comes_before_what_only_has_it(listed):
    make_service("x", "My Telegram")
    assert named(search.brands("tele")) == ["Telegram", "My Telegram"]


def test_what_more_servers_have_comes_first(listed):
    assert named(search.brands("what")) == ["WhatsApp", "WhatsApp Business"]


def test_what_the_member_marked_comes_first(listed):
    assert named(search.brands("what", {"whatsappbusiness"})) == ["WhatsApp Business", "WhatsApp"]


def test_an_option_says_which_servers_have_it(listed):
    assert search.brands("whatsapp").options[0].servers == (1, 3)


def test_an_empty_box_shows_everything(listed):
    assert search.brands("").total == 4


def test_where_nothing_matches_near_names_are_offered(listed):
    results = search.brands("whatzzz")
    assert (results.options, results.near[0]) == ([], "WhatsApp")


def test_where_nothing_is_near_nothing_is_offered(listed):
    assert search.brands("qqqqqqqqq") == search.Results([], 0, [])


@pytest.mark.parametrize("text", [*HOSTILE, "a " * 150, "%", "_", "\\", "whatsapp\0usa", "(" * 300])
def test_whatever_is_typed_has_an_answer(listed, text):
    assert search.brands(text).total >= 0
    assert search.places(text).total >= 0


# --- What can be found


def test_a_retired_row_is_not_found():
    make_service(retired_at=timezone.now())
    make_country(retired_at=timezone.now())
    assert (search.brands("whatsapp").options, search.places("usa").options) == ([], [])


def test_a_row_of_another_upstream_is_not_found():
    make_service(upstream="live")
    assert search.brands("whatsapp").options == []


def read(*names, **fields):
    rows = (legitsms.Service(name.lower(), name, None, None) for name in names)
    return refresh(*rows, kind="services", **fields)


def test_a_name_that_is_new_is_found_at_once():
    read("Telegram")
    assert named(search.brands("")) == ["Telegram"]
    read("Telegram", "Signal")
    assert named(search.brands("")) == ["Signal", "Telegram"]


def test_a_name_that_is_gone_and_back_is_found_again():
    read("Telegram", "Signal")
    read("Telegram")
    assert named(search.brands("")) == ["Telegram"]
    read("Telegram", "Signal")
    assert named(search.brands("")) == ["Signal", "Telegram"]


def test_a_name_that_changed_is_found_by_the_new_one():
    refresh(legitsms.Service("x", "Telegram", None, None), kind="services")
    search.brands("")
    refresh(legitsms.Service("x", "Signal", None, None), kind="services")
    assert named(search.brands("")) == ["Signal"]


def test_a_service_that_no_country_sells_any_more_is_not_found():
    read("Telegram", "Signal", server=3, country="usa")
    search.brands("")
    read("Telegram", server=3, country="usa")
    assert named(search.brands("")) == ["Telegram"]


def test_a_decision_is_found_at_once():
    make_service("wa", "WhatsApp")
    other = make_service("77", "Wotsapp", server=2)
    search.brands("")
    for verdict in ("different", "same"):
        matches.decide(other, Brand.objects.get(key="whatsapp"), verdict, None)
        search.brands("")
    assert [option.servers for option in search.brands("").options] == [(1, 2)]


def test_the_names_are_read_once_while_nothing_changes(listed, django_assert_num_queries):
    search.brands("what")
    with django_assert_num_queries(2):
        search.brands("tele")


def test_a_price_that_moved_reads_no_name_anew():
    read("Telegram", server=3, country="usa")
    before = Listing.last_change()
    refresh(legitsms.Service("telegram", "Telegram", None, 7), kind="services", server=3, country="usa")
    assert Listing.last_change() == before


def test_the_last_change_is_that_of_any_list_of_this_upstream():
    now = timezone.now()
    make_listing(changed_at=now)
    make_listing("countries", changed_at=now - timedelta(1))
    make_listing(upstream="live", changed_at=now + timedelta(1))
    assert Listing.last_change() == now
