import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from catalog.models import Listing, Price
from legitsms import NoNumbers, Number, Uncertain
from orders.lifecycle import answers, settling
from orders.models import Order, Purchase
from orders.presentation import wording
from orders.worker import purchasing
from team.models import Limit
from tests.conftest import signed_in
from tests.factories import make_country, make_offer, make_order, make_purchase
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db


@pytest.fixture
def order(alive, member):
    """A waiting order on server 1, of what server 3 sells too."""
    make_offer(1)
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=450)
    keys = {"brand_key": "whatsapp", "place_key": "us"}
    return make_order("waiting", owner=member, note="ticket 7", **keys)


def url(order):
    return reverse("orders:switch", args=[order.pk])


def chosen(value="3|usa|whatsapp", *, seen="1.2000", **fields):
    usual = {"offer": value, f"price_seen:{value}": seen, "cancel_old": "on", "purchase_id": str(uuid.uuid4())}
    return {name: text for name, text in (usual | fields).items() if text is not None}


def switched(browser, order, **fields):
    """The new order, after the dialog was sent."""
    browser.post(url(order), chosen(**fields))
    return Order.objects.exclude(pk=order.pk).get()


def buy(new, answer, log):
    purchasing.buy(new, FakeClient(answer), log)


# --- The dialog


def test_the_dialog_offers_the_other_servers_only(htmx, order):
    response = htmx.get(url(order))
    assert [row.offer.server for row in response.context["comparison"].rows] == [3]
    assert "both numbers can receive a code" in response.content.decode()


def test_looking_at_the_dialog_buys_and_cancels_nothing(htmx, order):
    htmx.get(url(order))
    order.refresh_from_db()
    assert (Order.objects.count(), order.cancel_at) == (1, None)


def test_an_order_whose_lists_are_gone_can_only_wait(htmx, order):
    Order.objects.update(brand_key="gone")
    response = htmx.get(url(order))
    assert response.context["comparison"] is None
    assert "No other server lists this" in response.content.decode()


def test_an_anonymous_visitor_switches_nothing(client, order):
    assert client.post(url(order), chosen()).status_code == 302
    assert Order.objects.count() == 1


def test_an_unknown_order_is_not_found(htmx, order):
    assert htmx.post(reverse("orders:switch", args=[404]), chosen()).status_code == 404


# --- The new number first


def test_the_new_order_replaces_the_old_one_and_keeps_its_note(htmx, member, order):
    new = switched(htmx, order)
    assert (new.replaces, order.replaced_by, new.owner, new.note) == (order, new, member, "ticket 7")
    assert (new.server, new.country, new.service, new.price) == (3, "usa", "whatsapp", Decimal("1.20"))


def test_one_number_is_bought_whatever_the_quantity_says(htmx, order):
    switched(htmx, order, quantity="10")
    assert Order.objects.count() == 2


def test_the_old_number_stays_as_it_is_until_the_new_one_is_here(htmx, order, log):
    new = switched(htmx, order)
    order.refresh_from_db()
    assert (order.status, order.cancel_at) == ("waiting", None)
    buy(new, Number("550011", "13215551234"), log)
    order.refresh_from_db()
    assert (order.status, order.cancel_at) == ("waiting", order.cancellable_at)


@pytest.mark.parametrize("answer", [NoNumbers("NO_NUMBERS"), Uncertain("timeout")])
def test_a_new_number_that_did_not_come_leaves_the_old_one_waiting(htmx, order, log, answer):
    buy(switched(htmx, order), answer, log)
    order.refresh_from_db()
    assert (order.status, order.cancel_at) == ("waiting", None)


def test_without_the_tick_the_old_number_is_kept(htmx, order, log):
    buy(switched(htmx, order, cancel_old=None), Number("550011", "13215551234"), log)
    order.refresh_from_db()
    assert (order.status, order.cancel_at) == ("waiting", None)


def test_a_code_that_came_for_the_old_number_meanwhile_stands(htmx, order, log):
    new = switched(htmx, order)
    answers.record_code(order, "123456")
    buy(new, Number("550011", "13215551234"), log)
    order.refresh_from_db()
    assert (order.status, order.cancel_at) == ("received", None)
    assert Order.objects.get(pk=new.pk).status == "waiting"


def test_a_new_number_that_a_person_found_lets_the_old_one_go(htmx, member, order, log):
    new = switched(htmx, order)
    buy(new, Uncertain("timeout"), log)
    settling.settle_bought(new, member, Number("550011", "13215551234"))
    order.refresh_from_db()
    assert order.cancel_at == order.cancellable_at


def test_both_cards_say_that_one_replaces_the_other(htmx, order, log):
    new = switched(htmx, order)
    cards = [htmx.get(reverse("orders:card", args=[each.pk])).content.decode() for each in (order, new)]
    assert [word in card.lower() for word, card in zip(("replaced by", "replaces"), cards, strict=True)] == [True, True]


def test_the_old_orders_history_says_that_it_was_switched(htmx, member, order):
    switched(htmx, order)
    event = order.events.get(what="replaced")
    assert (wording.event_text(event), event.actor) == ("Switched to another server", member)


# --- What is refused


@pytest.mark.parametrize("status", ["received", "finished", "cancelled", "closed", "refused", "unclear"])
def test_an_order_that_waits_no_longer_is_not_switched(htmx, order, status):
    Order.objects.update(status=status, ended_at=timezone.now())
    content = htmx.post(url(order), chosen()).content.decode()
    assert "This order is no longer waiting. Nothing was bought." in content
    assert Order.objects.count() == 1


def test_a_switch_sent_twice_is_one_purchase(htmx, order):
    form = chosen()
    contents = [htmx.post(url(order), form).content.decode() for _ in range(2)]
    assert ["Buying 1 of 1" in content for content in contents] == [True, True]
    assert Order.objects.count() == 2


def test_of_two_members_who_switch_one_order_the_second_is_told_and_buys_nothing(htmx, colleague, order):
    switched(htmx, order)
    content = signed_in(colleague, headers={"HX-Request": "true"}).post(url(order), chosen()).content.decode()
    assert "Ana switched this order to server 3 already, and that one is still open. Nothing was bought." in content
    assert Order.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_of_members_who_switch_one_order_at_the_same_moment_one_does(member, colleague, order):
    browsers = [signed_in(who, headers={"HX-Request": "true"}) for who in (member, colleague)]
    assert race(lambda: browsers.pop().post(url(order), chosen()).status_code, 2) == [200, 200]
    assert Order.objects.filter(replaces=order).count() == 1


def test_an_order_whose_replacement_was_not_bought_may_be_switched_again(htmx, order, log):
    buy(switched(htmx, order), NoNumbers("NO_NUMBERS"), log)
    htmx.post(url(order), chosen())
    assert Order.objects.filter(replaces=order).count() == 2


def test_a_switch_sent_again_after_the_order_ended_shows_its_progress(htmx, order):
    form = chosen()
    htmx.post(url(order), form)
    Order.objects.filter(pk=order.pk).update(status="closed", ended_at=timezone.now())
    assert "Buying 1 of 1" in htmx.post(url(order), form).content.decode()


def test_the_purchase_of_another_member_is_neither_shown_nor_bought_again(htmx, colleague, order):
    known = make_purchase(colleague)
    response = htmx.post(url(order), chosen(purchase_id=str(known.uuid)))
    assert "already used by another member" in response.content.decode()
    assert response.context["purchase_id"] != known.uuid
    assert Order.objects.count() == 1


@pytest.mark.parametrize("value", ["", "x", "3|usa|zz", "9|usa|whatsapp", "|||"])
def test_an_offer_that_there_is_not_is_told_and_buys_nothing(htmx, order, value):
    content = htmx.post(url(order), chosen(value)).content.decode()
    assert 'role="alert"' in content
    assert Order.objects.count() == 1


@pytest.mark.parametrize("purchase_id", ["", "nonsense", None])
def test_a_switch_without_its_purchase_is_out_of_date(htmx, order, purchase_id):
    content = htmx.post(url(order), chosen(purchase_id=purchase_id)).content.decode()
    assert "out of date" in content
    assert Order.objects.count() == 1


def test_a_price_that_rose_asks_again(htmx, order):
    Price.objects.update(price=Decimal("1.50"))
    content = htmx.post(url(order), chosen()).content.decode()
    assert "The price rose from $1.20 to $1.50 while you looked." in content
    assert 'name="price_seen:3|usa|whatsapp" value="1.5000"' in content
    assert Order.objects.count() == 1


def test_the_price_of_another_row_does_not_count(htmx, order):
    make_country("12", "Usa (virtual)")
    htmx.post(url(order), chosen(seen=None) | {"price_seen:3|france|whatsapp": "99"})
    assert Order.objects.count() == 1


def test_nothing_is_switched_while_a_price_is_old(htmx, order, settings):
    Listing.objects.update(refreshed_at=timezone.now() - 2 * settings.MAX_PRICE_AGE)
    assert "is being read again" in htmx.post(url(order), chosen()).content.decode()
    assert not Purchase.objects.exclude(orders=order).exists()


def test_a_switch_without_the_pages_token_is_refused(member, order):
    stranger = signed_in(member, enforce_csrf_checks=True)
    assert stranger.post(url(order), chosen()).status_code == 403


# --- Limits


def test_the_switch_dialog_shows_what_is_left(htmx, member, order):
    Limit.objects.create(member=member, open_at_once=2)
    assert "1 of 2 open orders left" in htmx.get(url(order)).content.decode()


def test_a_switch_past_a_limit_is_refused_in_the_dialog_and_the_old_number_stays(htmx, member, order):
    Limit.objects.create(member=member, open_at_once=1)
    answer = htmx.post(url(order), chosen())
    assert "Your limit is 1 open order at once: 1 open, 0 left; finish or cancel one." in answer.content.decode()
    assert list(Order.objects.values_list("pk", "cancel_at")) == [(order.pk, None)]
