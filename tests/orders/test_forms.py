import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from catalog.models import Listing
from orders.forms import BuyForm, OfferForm, PurchaseForm
from orders.lifecycle import buying
from orders.models import Order, Purchase
from orders.presentation.wording import NOTHING_BOUGHT
from provider.models import ProviderHealth
from tests.factories import make_country, make_offer, make_price, make_purchase, make_service

pytestmark = pytest.mark.django_db


def asked(**fields):
    usual = {"server": "1", "country": "187", "service": "wa", "quantity": "1", "purchase_id": str(uuid.uuid4())}
    return PurchaseForm(usual | fields)


def looked_for(**fields):
    form = BuyForm({"quantity": "1"} | fields)
    form.is_valid()
    return form


@pytest.fixture
def offer(alive):
    return make_offer()


def test_a_choice_from_the_lists_is_an_offer(offer):
    form = asked()
    assert form.is_valid()
    assert form.offer.service == offer[1]


@pytest.mark.parametrize("quantity", ["0", "11", "-1", "x", "", "1.5", "9" * 99])
def test_a_quantity_that_cannot_be_bought_is_told(offer, quantity):
    assert asked(quantity=quantity).errors["quantity"] == ["Enter a quantity from 1 to 10. Nothing was bought."]


@pytest.mark.parametrize("quantity", ["1", "10"])
def test_one_to_ten_can_be_bought(offer, quantity):
    assert asked(quantity=quantity).is_valid()


@pytest.mark.parametrize("fields", [{"service": "zz"}, {"country": "zz"}, {"server": "2"}])
def test_what_a_server_does_not_list_is_told(offer, fields):
    [told] = [text for texts in asked(**fields).errors.values() for text in texts]
    assert told.endswith(f"Choose one from its list. {NOTHING_BOUGHT}")


def test_what_a_server_no_longer_lists_is_not_offered(offer):
    offer[1].retired_at = timezone.now()
    offer[1].save()
    assert not asked().is_valid()


def test_one_radio_button_carries_the_three_codes_of_an_offer(offer):
    form = OfferForm({"offer": "1|187|wa", "country": "us", "service": "whatsapp", "quantity": "1"})
    assert form.is_valid()
    assert form.offer.service == offer[1]


@pytest.mark.parametrize("value", ["", "|", "1|187", "1|187|wa|x", "x|y|z", "4|187|wa", "1||", "1|187|\0", "|" * 999])
def test_a_radio_button_with_nonsense_is_no_offer(offer, value):
    form = OfferForm({"offer": value, "quantity": "1"})
    assert not form.is_valid()
    assert form.offer is None


@pytest.mark.parametrize("country", ["usa", " US ", "United States"])
@pytest.mark.parametrize("service", ["whatsapp", " WhatsApp ", "what's app", "whats"])
def test_a_name_that_was_typed_is_as_good_as_a_choice(offer, country, service):
    form = looked_for(country_text=country, service_text=service)
    assert (form.brand.name, form.place.name) == ("WhatsApp", "USA")


def test_a_choice_goes_before_what_was_typed(offer):
    make_service("tg", "Telegram")
    assert looked_for(service="whatsapp", service_text="Telegram").brand.name == "WhatsApp"


def test_a_name_that_two_rows_have_is_not_guessed_at(offer):
    [make_service("ot", "Other", server=server) for server in (1, 2)]
    form = looked_for(service_text="Other")
    assert (form.brand, form.errors["service"]) == (
        None,
        ["«Other» is not listed, or may mean several. Choose a service."],
    )


def test_a_name_that_stands_in_several_others_is_not_guessed_at(offer):
    make_service("wb", "WhatsApp Business")
    make_service("wg", "WhatsApp Web")
    assert looked_for(service_text="whatsapp").brand.name == "WhatsApp"
    assert looked_for(service_text="whatsap").brand is None


def test_a_form_without_a_choice_says_what_is_missing():
    assert looked_for().errors == {"service": ["Choose a service."], "country": ["Choose a country."]}


def test_a_list_that_is_still_being_fetched_is_told(alive):
    make_country("usa", server=3)
    [told] = asked(server="3", country="usa", service="whatsapp").errors["service"]
    assert told.startswith("The list of server 3 is still being fetched.")


def test_a_service_of_another_country_is_not_offered(alive):
    make_offer(3, "usa", "whatsapp")
    make_country("france", "France", server=3)
    make_price(make_service("signal", "Signal", server=3), "france")
    assert "service" in asked(server="3", country="usa", service="signal").errors


@pytest.mark.parametrize("purchase_id", ["", "x", "550e8400"])
def test_a_form_without_its_purchase_is_out_of_date(offer, purchase_id):
    assert asked(purchase_id=purchase_id).errors["purchase_id"] == [
        f"This form is out of date. {NOTHING_BOUGHT} Open it again."
    ]


def test_nothing_is_bought_while_nobody_polls(db):
    make_offer()
    assert "could be missed. Nothing was bought." in asked().non_field_errors()[0]


def test_nothing_is_bought_with_a_key_that_was_refused(offer):
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    assert NOTHING_BOUGHT in asked().non_field_errors()[0]


def test_an_empty_wallet_is_only_a_warning(offer):
    ProviderHealth.mark("sandbox", no_balance_since=timezone.now())
    assert asked().is_valid()


def test_a_purchase_keeps_the_offer_as_it_was(alive, member):
    make_offer(3, "usa", "whatsapp", price=Decimal("1.2"))
    form = asked(server="3", country="usa", service="whatsapp", price_seen="1.2")
    form.is_valid()
    form.save(member)
    order = Order.objects.get()
    assert (order.price, order.service_name, order.upstream) == (Decimal("1.2"), "WhatsApp", "sandbox")
    assert (order.brand_key, order.place_key, order.country_iso) == ("whatsapp", "us", "us")


def test_a_purchase_of_five_is_five_orders_in_a_line(offer, member):
    form = asked(quantity="5")
    form.is_valid()
    form.save(member)
    assert list(Order.objects.order_by("ordinal").values_list("ordinal", flat=True)) == [1, 2, 3, 4, 5]
    assert list(Order.objects.first_in_line().values_list("ordinal", flat=True)) == [1]


def test_a_purchase_saved_twice_is_made_once(offer, member):
    form = asked()
    form.is_valid()
    assert form.save(member) == form.save(member)
    assert Order.objects.count() == 1


def test_the_purchase_of_another_member_gets_no_orders(offer, member):
    known = make_purchase()
    form = asked(purchase_id=str(known.uuid))
    form.is_valid()
    assert form.save(member).buyer == known.buyer
    assert not Order.objects.exists()


def test_a_purchase_that_cannot_be_stored_whole_is_not_stored_at_all(offer, member, monkeypatch):
    form = asked(quantity="3")
    form.is_valid()
    monkeypatch.setattr(buying, "request_number", lambda: None)  # called with arguments, it fails
    with pytest.raises(TypeError):
        form.save(member)
    assert not Purchase.objects.exists()


def test_every_wrong_field_of_the_form_is_told_at_once():
    assert set(OfferForm({}).errors) == {"server", "country", "service", "quantity"}


# --- The price that the dialog showed


def priced(price="1.20", seen="", **listing):
    """The form of a dialog that showed `seen`, sent when the list says `price`."""
    country, service = make_offer(3, "usa", "whatsapp", price=Decimal(price) if price else None)
    Listing.objects.update(**listing)
    return asked(server="3", country=country.code, service=service.code, price_seen=seen)


def test_a_price_that_rose_asks_again(alive):
    [told] = priced("1.20", seen="1.10").non_field_errors()
    assert told == f"The price rose from $1.10 to $1.20 while you looked. {NOTHING_BOUGHT}"


def test_a_price_that_was_published_only_now_asks_again(alive):
    [told] = priced("1.20", seen="").non_field_errors()
    assert told == f"The price is $1.20 now; it was not published while you looked. {NOTHING_BOUGHT}"


@pytest.mark.parametrize("seen", ["1.20", "1.2000", "1.30", "99"])
def test_a_price_that_fell_or_stayed_is_fine(alive, seen):
    assert priced("1.20", seen=seen).is_valid()


def test_a_price_that_is_older_than_the_setting_allows_is_read_again_first(alive, settings):
    form = priced("1.20", seen="1.20", refreshed_at=timezone.now() - settings.MAX_PRICE_AGE - timedelta(seconds=1))
    [told] = form.non_field_errors()
    assert told == f"This price is old, and is being read again. Try again in a moment. {NOTHING_BOUGHT}"


def test_a_price_whose_age_nobody_knows_is_read_again_first(alive):
    assert "is being read again" in priced("1.20", seen="1.20", refreshed_at=None).non_field_errors()[0]


def test_a_price_that_is_no_longer_published_asks_again(alive):
    [told] = priced(None, seen="1.20").non_field_errors()
    assert told == f"The price is no longer published; you saw $1.20. {NOTHING_BOUGHT}"


def test_what_never_had_a_price_is_bought_without_one(offer):
    Listing.objects.update(refreshed_at=timezone.now() - timedelta(days=2))
    assert asked().is_valid()


@pytest.mark.parametrize("seen", ["x", "NaN", "Infinity", "-1", "$1.20"])
def test_a_price_that_nobody_showed_buys_nothing(alive, seen):
    assert not priced("1.20", seen=seen).is_valid()
