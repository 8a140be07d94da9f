"""What strangers write is shown and never run: with payloads in its place, every page is made of the same elements."""

import pytest
import time_machine
from django.db import connection
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from catalog import search
from catalog.models import Brand, Country, Listing, Place, Service, Suggestion
from orders.live import cards
from orders.models import Code, Order, OrderEvent
from tests.conftest import signed_in
from tests.dom import Page
from tests.factories import make_administrator, make_listing, make_offer, make_order, make_purchase
from tests.payloads import PAYLOADS, WORST, packed

pytestmark = pytest.mark.django_db

MARK = "Zq9"  # stands in every text, benign or not
# SQLite keeps a name of any length, so there every place says all of them at once; elsewhere it says the worst in turns
HOLDS_ALL = connection.vendor == "sqlite"
TEXTS = [MARK + text for text in (packed(10_000) if HOLDS_ALL else packed(100, WORST[:6]))]
AS_HTMX = {"HX-Request": "true"}
STATUSES = ["waiting", "received", "unclear", "refused", "requested", "cancelled"]
ADDRESSES = {"href", "src", "action", "formaction", "hx-get", "hx-post", "data-copied-url"}


def short(text, length):
    return text if HOLDS_ALL else text[:length]


class World:
    """An order in each status, and the lists that it was bought from, whose every text can be set."""

    def __init__(self):
        self.admin = make_administrator()
        self.purchase = make_purchase(self.admin)
        self.orders = [self.order(number, status) for number, status in enumerate(STATUSES)]
        for server, country, service in ((1, "187", "wa"), (2, "1", "39"), (3, "usa", "whatsapp")):
            make_offer(server, country, service)
        make_listing("services", server=2, country="x", problem="x", rejected="x", held_rows=1)
        self.brand, self.place = Brand.objects.first(), Place.objects.first()
        Suggestion.objects.create(service=Service.objects.first(), brand=self.brand, score=90)
        self.say(MARK)

    def order(self, number, status):
        keys = {"brand_key": "whatsapp", "place_key": "us", "reported_id": "1" if number % 2 else ""}
        order = make_order(status, purchase=self.purchase, ordinal=number, copied_by=self.admin, **keys)
        order.events.create(what="answer", source=status, target=status, actor=self.admin)
        [order.codes.create(text=f"{number}{turn}") for turn in "ab"] if status == "received" else None
        return order

    def say(self, text):
        """Have everything that comes from outside say `text`."""
        words = {"service_name": text, "country_name": text, "outcome": text, "problem": text, "note": text}
        Order.objects.update(**words, phone=short(text, 20), reported_phone=short(text, 20))
        for order in self.orders:
            Order.objects.filter(pk=order.pk).update(activation_id=short(f"{order.pk}{text}", 64))
        for code in Code.objects.all():
            Code.objects.filter(pk=code.pk).update(text=f"{text}{'' if code.pk % 2 else 'x'}")
        OrderEvent.objects.update(detail=text)
        for model in (Brand, Place, Service, Country):
            model.objects.update(name=text)
        Country.objects.update(variant=short(text, 20))
        Listing.objects.filter(held_rows=1).update(problem=text, rejected=" ".join(text.splitlines()))
        type(self.admin).objects.update(first_name=short(text, 30))
        search.build_index.cache_clear()

    def urls(self):
        pair = f"service={self.brand.key}&country={self.place.key}"
        offer = "server=1&country=187&service=wa"
        dialogs = {"cancel": 0, "note": 0, "reassign": 0, "switch": 0, "settle": 2}  # by the place in STATUSES
        return [
            *(reverse(name) for name in ("orders:board", "orders:banner", "catalog:status", "orders:history")),
            *(reverse("orders:detail", args=[order.pk]) for order in self.orders),
            *(reverse("orders:history_row", args=[order.pk]) for order in self.orders[:2]),
            *(reverse(f"orders:{name}", args=[self.orders[place].pk]) for name, place in dialogs.items()),
            f"{reverse('orders:buy')}?{pair}",
            f"{reverse('orders:offers')}?{pair}",
            f"{reverse('orders:review')}?{offer}",
            f"{reverse('catalog:search_services')}?q={MARK}",
            f"{reverse('catalog:search_places')}?q={MARK}",
            reverse("orders:progress", args=[self.purchase.uuid]),
            reverse("admin:orders_order_changelist"),
            reverse("admin:orders_order_change", args=[self.orders[1].pk]),
        ]

    def pages(self, visitor):
        return {url: Page(page_of(visitor, url)) for url in self.urls()}

    def skeletons(self, visitor):
        return {url: page.skeleton for url, page in self.pages(visitor).items()}

    def cards(self):
        shown = cards.cards_for(self.admin, Order.objects.with_card())
        return [Page(render_to_string("orders/_card.html", {"card": card})) for card in shown]


def page_of(visitor, url):
    response = visitor.get(url, follow=True)  # a purchase has no page of its own
    assert response.status_code == 200, url
    return response.content.decode()


@pytest.fixture
def world():
    with time_machine.travel(timezone.now(), tick=False):  # what may be done to an order changes with time
        yield World()


@pytest.fixture(params=[{}, AS_HTMX], ids=["page", "fragment"])
def visitor(request, world):
    return signed_in(world.admin, headers=request.param)


def test_there_are_many_payloads():
    assert len(set(PAYLOADS)) >= 120
    assert len(packed(10_000)) == 1


def test_no_payload_adds_an_element_or_an_attribute_to_a_card(world):
    benign = [card.skeleton for card in world.cards()]
    for text in packed(100, PAYLOADS if HOLDS_ALL else WORST):
        world.say(f"{MARK}{text}")
        assert [card.skeleton for card in world.cards()] == benign, text


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_payload_adds_an_element_or_an_attribute_to_a_page(world, visitor, text):
    benign = world.skeletons(visitor)
    world.say(text)
    assert world.skeletons(visitor) == benign


def test_no_text_of_a_stranger_is_where_htmx_looks(world, visitor):
    found = {url: page.unguarded(MARK) for url, page in world.pages(visitor).items() if "/admin/" not in url}
    assert {url: around for url, around in found.items() if around} == {}


def test_no_address_begins_with_a_text_of_a_stranger(world, visitor):
    world.say("javascript:alert(1)//")
    addresses = [
        value for page in world.pages(visitor).values() for _, name, value in page.attributes if name in ADDRESSES
    ]
    assert [value for value in addresses if value.lstrip().lower().startswith("javascript:")] == []
