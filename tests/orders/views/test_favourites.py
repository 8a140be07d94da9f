import pytest
from django.urls import reverse

from catalog.models import Favourite
from orders.models import Order
from tests.factories import make_country, make_offer, make_order, make_service

pytestmark = pytest.mark.django_db

BUY = reverse("orders:buy")
FAVOURITE = reverse("orders:favourite")
OFFERS = reverse("orders:offers")
PAIR = {"service": "whatsapp", "country": "us"}


@pytest.fixture
def offer(alive):
    return make_offer()


def recents(browser):
    return [(pair.brand.key, pair.place.key) for pair in browser.get(BUY).context["recents"]]


def bought(member, brand="whatsapp", place="us", **fields):
    return make_order("finished", owner=member, brand_key=brand, place_key=place, **fields)


# --- What a member marked


def test_a_pair_is_marked_and_the_mark_taken_away(htmx, member, offer):
    shown = [htmx.post(FAVOURITE, PAIR).context["is_favourite"] for _ in range(3)]
    assert shown == [True, False, True]
    assert Favourite.objects.get().member == member


def test_a_mark_is_the_members_own(htmx, colleague, offer):
    Favourite.objects.create(member=colleague, brand=offer[1].brands.get(), place=offer[0].place)
    assert htmx.get(BUY).context["favourites"] == []
    assert htmx.post(FAVOURITE, PAIR).context["is_favourite"]
    assert Favourite.objects.count() == 2


def test_a_marked_pair_is_offered_again(desk, offer):
    desk.post(FAVOURITE, PAIR)
    [pair] = desk.get(BUY).context["favourites"]
    assert pair.url == f"{BUY}?service=whatsapp&country=us"
    assert desk.get(pair.url).context["is_favourite"]


def test_what_a_member_marked_comes_first_in_the_search(desk, offer):
    make_service("wa0", "WhatsApp Business")
    make_service("b", "WhatsApp Business", server=2)
    desk.post(FAVOURITE, PAIR)
    options = desk.get(reverse("catalog:search_services"), {"q": "what"}).context["options"]
    assert [(option.name, option.is_favourite) for option in options] == [
        ("WhatsApp", True),
        ("WhatsApp Business", False),
    ]


@pytest.mark.parametrize("wrong", [{"service": "zz"}, {"country": "zz"}, {"service": "\0"}, {"country": ""}])
def test_what_there_is_not_cannot_be_marked(htmx, offer, wrong):
    assert htmx.post(FAVOURITE, PAIR | wrong).status_code == 404
    assert not Favourite.objects.exists()


def test_a_mark_takes_a_post(desk):
    assert desk.get(FAVOURITE).status_code == 405


def test_an_anonymous_visitor_marks_nothing(client, offer):
    assert client.post(FAVOURITE, PAIR).status_code == 302
    assert not Favourite.objects.exists()


# --- What a member bought last


def test_the_last_pairs_are_offered_the_newest_first_and_once(desk, member, offer):
    make_service("tg", "Telegram")
    [bought(member, brand) for brand in ("whatsapp", "telegram", "whatsapp")]
    assert recents(desk) == [("whatsapp", "us"), ("telegram", "us")]


def test_what_others_bought_is_not_offered(desk, colleague, offer):
    bought(colleague)
    assert recents(desk) == []


def test_a_pair_that_was_marked_is_not_offered_twice(desk, member, offer):
    bought(member)
    desk.post(FAVOURITE, PAIR)
    assert recents(desk) == []


@pytest.mark.parametrize("keys", [("", ""), ("gone", "us"), ("whatsapp", "gone"), ("whatsapp", "")])
def test_what_is_no_pair_any_more_is_not_offered(desk, member, offer, keys):
    bought(member, *keys)
    assert recents(desk) == []


def test_more_orders_cost_no_more_queries(desk, member, offer, django_assert_max_num_queries):
    [make_service(f"s{n}", f"Service {n}") for n in range(9)]
    [bought(member, f"service{n}") for n in range(9)]
    with django_assert_max_num_queries(10):  # three of them are the member's role and rights
        assert len(recents(desk)) == 6


# --- The offers of a pair


def test_the_offers_of_a_pair_are_shown(htmx, offer):
    response = htmx.get(OFFERS, PAIR)
    assert [row.value for row in response.context["comparison"].rows] == ["1|187|wa"]
    assert 'value="1|187|wa"' in response.content.decode()


@pytest.mark.parametrize("wrong", [{"service": "zz"}, {"country": "zz"}, {"service": "\0"}, {"country": ""}])
def test_without_a_pair_there_is_nothing_to_compare(htmx, offer, wrong):
    response = htmx.get(OFFERS, PAIR | wrong)
    assert (response.status_code, response.context["comparison"]) == (200, None)


def test_the_page_asks_again_while_a_figure_is_being_fetched(htmx, alive):
    make_country("usa", "USA", server=3)
    make_service("whatsapp", server=3)
    response = htmx.get(OFFERS, PAIR)
    assert response.context["comparison"].is_pending
    assert "every 1.5s" in response.content.decode()


def test_more_offers_cost_no_more_queries(htmx, offer, django_assert_max_num_queries):
    [make_service(f"w{n}", "whatsapp") for n in range(9)]
    [make_order("finished", service=f"w{n}") for n in range(9)]
    with django_assert_max_num_queries(16):
        assert len(htmx.get(OFFERS, PAIR).context["comparison"].rows) == 10


def test_looking_at_offers_buys_nothing(htmx, offer):
    htmx.get(OFFERS, PAIR)
    assert not Order.objects.exists()
