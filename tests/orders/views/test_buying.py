import uuid
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.models import Order, Purchase
from team.models import Limit, Policy
from tests.conftest import signed_in
from tests.factories import make_heartbeats, make_line, make_offer, make_order, make_purchase

pytestmark = pytest.mark.django_db

BUY = reverse("orders:buy")
REVIEW = reverse("orders:review")
CHOICE = {"server": 1, "country": "187", "service": "wa"}


def asked(**fields):
    return CHOICE | {"quantity": 1, "purchase_id": str(uuid.uuid4())} | fields


@pytest.fixture
def offer(alive):
    return make_offer()


# --- The form and the dialog


def test_the_form_takes_over_what_another_card_was(desk, offer):
    response = desk.get(BUY, {"service": "whatsapp", "country": "us"})
    comparison = response.context["comparison"]
    assert (comparison.brand.name, comparison.place.name) == ("WhatsApp", "USA")
    assert 'data-key="whatsapp"' in response.content.decode()


def test_the_dialog_shows_what_will_be_bought(htmx, offer):
    content = htmx.get(REVIEW, CHOICE | {"quantity": 3}).content.decode()
    assert "Buy 3 numbers" in content
    assert "Any (LegitSMS chooses)" in content


def test_a_price_that_is_not_published_is_never_called_nought(htmx, offer):
    content = htmx.get(REVIEW, CHOICE).content.decode()
    assert "Not published" in content
    assert "$0" not in content


def test_a_published_price_is_multiplied(htmx, alive):
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=450)
    content = htmx.get(REVIEW, {"server": 3, "country": "usa", "service": "whatsapp", "quantity": 3}).content.decode()
    assert "$1.20" in content
    assert "Buy 3 numbers for $3.60" in content


def test_every_dialog_has_a_purchase_of_its_own(htmx, offer):
    made = [htmx.get(REVIEW, CHOICE).context["purchase_id"] for _ in range(2)]
    assert made[0] != made[1]


def test_the_dialog_keeps_its_purchase_while_the_quantity_changes(htmx, offer):
    purchase_id = uuid.uuid4()
    response = htmx.get(REVIEW, CHOICE | {"purchase_id": purchase_id, "quantity": 5})
    assert response.context["purchase_id"] == purchase_id


def test_the_dialog_makes_a_purchase_of_its_own_from_nonsense(htmx, offer):
    assert isinstance(htmx.get(REVIEW, CHOICE | {"purchase_id": "nonsense"}).context["purchase_id"], uuid.UUID)


def test_looking_at_the_dialog_buys_nothing(htmx, offer):
    htmx.get(REVIEW, CHOICE)
    assert not Purchase.objects.exists()


def test_a_choice_that_is_not_listed_shows_the_form_again(htmx, offer):
    choice = {"service": "whatsapp", "country": "us", "offer": "1|187|zz"}
    content = htmx.get(REVIEW, choice).content.decode()
    assert 'id="buy-form"' in content
    assert "does not list this service" in content


def test_without_javascript_the_dialog_is_a_page(desk, offer):
    assert "<html" in desk.get(REVIEW, CHOICE).content.decode()


# --- Buying


def test_a_confirmed_purchase_asks_for_its_numbers(htmx, member, offer):
    htmx.post(BUY, asked(quantity=3, note="ticket 7"))
    orders = Order.objects.order_by("ordinal").values_list("ordinal", "status", "owner", "note", "country_iso")
    assert list(orders) == [(n, "requested", member.pk, "ticket 7", "us") for n in (1, 2, 3)]


def test_the_bell_rings_for_the_first_number_once_the_purchase_is_stored(
    htmx, offer, bells, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        htmx.post(BUY, asked(quantity=3))
    assert bells == [("orders.buy_number", Order.objects.get(ordinal=1).pk)]


def test_a_broker_that_is_down_costs_no_purchase(htmx, offer, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        response = htmx.post(BUY, asked())
    assert (response.status_code, Order.objects.get().status) == (200, "requested")


def test_the_answer_is_the_progress_of_the_purchase(htmx, offer):
    content = htmx.post(BUY, asked(quantity=2)).content.decode()
    assert "Buying 1 of 2" in content


def test_without_javascript_a_purchase_leads_to_the_board(desk, offer):
    response = desk.post(BUY, asked())
    assert (response.status_code, response.url) == (302, reverse("orders:board"))


def test_a_purchase_sent_twice_is_one_purchase(htmx, offer):
    form = asked(quantity=2)
    statuses = [htmx.post(BUY, form).status_code for _ in range(2)]
    assert (statuses, Order.objects.count()) == ([200, 200], 2)


def test_a_purchase_sent_again_after_the_lists_changed_still_shows_its_progress(htmx, offer):
    form = asked()
    htmx.post(BUY, form)
    offer[1].delete()
    assert "Buying 1 of 1" in htmx.post(BUY, form).content.decode()


def test_a_purchase_sent_again_with_another_quantity_buys_no_more(htmx, offer):
    form = asked()
    htmx.post(BUY, form)
    htmx.post(BUY, form | {"quantity": 10})
    assert Order.objects.count() == 1


def test_the_purchase_of_another_member_is_neither_shown_nor_bought_again(htmx, colleague, offer):
    known = make_purchase(colleague)
    content = htmx.post(BUY, asked(purchase_id=str(known.uuid))).content.decode()
    assert "already used by another member" in content
    assert not Order.objects.exists()


def test_the_dialog_after_a_foreign_purchase_has_a_new_one(htmx, colleague, offer):
    known = make_purchase(colleague)
    assert htmx.post(BUY, asked(purchase_id=str(known.uuid))).context["purchase_id"] != known.uuid


@pytest.mark.parametrize(
    ("field", "wrong"),
    [
        ("quantity", "0"),
        ("quantity", "11"),
        ("quantity", "x"),
        ("quantity", ""),
        ("quantity", "1e9"),
        ("service", "zz"),
        ("service", ""),
        ("service", "a\0b"),
        ("country", "zz"),
        ("server", "4"),
        ("server", ""),
        ("purchase_id", ""),
        ("purchase_id", "nonsense"),
        ("note", "x" * 201),
    ],
)
def test_a_wrong_purchase_gets_a_clear_message_and_buys_nothing(htmx, offer, field, wrong):
    response = htmx.post(BUY, asked(**{field: wrong}))
    assert response.status_code == 200
    assert 'role="alert"' in response.content.decode()
    assert not Purchase.objects.exists()


def test_nothing_can_be_bought_while_nobody_polls(htmx, db):
    make_offer()
    make_heartbeats("polling")
    content = htmx.post(BUY, asked()).content.decode()
    assert "is not running" in content
    assert not Purchase.objects.exists()


def test_an_anonymous_visitor_buys_nothing(client, offer):
    response = client.post(BUY, asked())
    assert (response.status_code, Purchase.objects.exists()) == (302, False)


def test_a_purchase_without_the_pages_token_is_refused(member, offer):
    stranger = signed_in(member, enforce_csrf_checks=True)
    assert (stranger.post(BUY, asked()).status_code, Purchase.objects.exists()) == (403, False)


@pytest.mark.django_db(transaction=True)
def test_twenty_posts_of_one_dialog_at_the_same_moment_make_one_purchase(member, offer):
    form, barrier = asked(quantity=2), Barrier(20)
    browsers = [signed_in(member, headers={"HX-Request": "true"}) for _ in range(20)]

    def press(browser):
        barrier.wait(60)
        status = browser.post(BUY, form).status_code
        connection.close()
        return status

    with ThreadPoolExecutor(20) as people:
        assert set(people.map(press, browsers)) == {200}
    assert (Purchase.objects.count(), Order.objects.count()) == (1, 2)


# --- The price that the dialog showed

DEAR = {"server": 3, "country": "usa", "service": "whatsapp"}


def test_a_price_that_rose_is_shown_and_bought_only_when_it_is_confirmed(htmx, alive):
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"))
    content = htmx.post(BUY, asked(**DEAR, price_seen="1.10")).content.decode()
    assert "The price rose from $1.10 to $1.20 while you looked. Nothing was bought." in content
    assert 'name="price_seen" value="1.2000"' in content
    assert not Purchase.objects.exists()
    htmx.post(BUY, asked(**DEAR, price_seen="1.2000"))
    assert Order.objects.get().price == Decimal("1.2")


def test_the_dialog_carries_the_price_that_it_shows(htmx, alive):
    make_offer(3, "usa", "whatsapp", price=Decimal("0.1235"))
    assert 'name="price_seen" value="0.1235"' in htmx.get(REVIEW, DEAR).content.decode()


# --- Progress


def progress(browser, orders):
    return browser.get(reverse("orders:progress", args=[orders[0].purchase_id]))


def of_member(member, *statuses, **fields):
    orders = make_line(*statuses)
    Purchase.objects.update(buyer=member)
    Order.objects.update(**fields)
    return orders


def test_progress_goes_on_until_nothing_is_being_bought(htmx, member):
    content = progress(htmx, of_member(member, "waiting", "buying", "requested")).content.decode()
    assert "Buying 2 of 3" in content


def test_when_all_is_bought_the_dialog_is_told(htmx, member):
    content = progress(htmx, of_member(member, "waiting", "received")).content.decode()
    assert "data-bought" in content
    assert "2 numbers bought." in content


def test_what_was_not_bought_is_said_with_its_reason(htmx, member):
    content = progress(htmx, of_member(member, "refused", outcome="NO_NUMBERS")).content.decode()
    assert "has no numbers for Whatsapp in USA right now. Nothing was bought." in content


def test_what_was_bought_in_part_is_said(htmx, member):
    content = progress(htmx, of_member(member, "waiting", "refused", outcome="NO_BALANCE")).content.decode()
    assert "1 of 2 bought" in content


def test_what_is_unclear_is_said(htmx, member):
    content = progress(htmx, of_member(member, "unclear", outcome="timeout")).content.decode()
    assert "We do not know whether it was bought" in content


def test_the_progress_of_another_member_is_not_found(htmx, colleague):
    order = make_order(owner=colleague)
    assert progress(htmx, [order]).status_code == 404


def test_an_unknown_purchase_is_not_found(htmx):
    assert htmx.get(reverse("orders:progress", args=[uuid.uuid4()])).status_code == 404


def test_an_anonymous_visitor_sees_no_progress():
    assert progress(Client(), [make_order()]).status_code == 302


# --- Two members want the same


def test_who_buys_what_a_colleague_bought_a_moment_ago_is_asked_first(htmx, colleague, offer):
    make_order(owner=colleague)
    answer = htmx.post(BUY, asked())
    assert "bought this" in answer.content.decode()
    assert Order.objects.count() == 1


def test_who_was_told_of_the_colleague_may_buy_another(htmx, colleague, offer):
    known = make_order(owner=colleague)
    htmx.post(BUY, asked(despite=known.pk))
    assert Order.objects.count() == 2


def test_nobody_is_asked_about_their_own_purchase(htmx, member, offer):
    make_order(owner=member)
    htmx.post(BUY, asked())
    assert Order.objects.count() == 2


# --- Limits


def limited(member, **values):
    return Limit.objects.create(member=member, **values)


def test_the_dialog_shows_what_is_left_of_each_limit(htmx, member, alive):
    make_offer(3, "usa", "whatsapp", price=Decimal("1.20"))
    limited(member, purchases_a_day=9, spending_a_day=Decimal(25))
    make_order("waiting", owner=member, price=Decimal("17.60"))
    content = htmx.get(REVIEW, DEAR).content.decode()
    assert "8 of 9 purchases left today" in content
    assert "$7.40 of $25.00 left today" in content
    assert 'max="6"' in content


def test_the_dialog_says_nothing_of_limits_to_who_has_none(htmx, offer):
    content = htmx.get(REVIEW, CHOICE).content.decode()
    assert "<dt>Limit</dt>" not in content
    assert 'max="10"' in content


def test_the_dialog_says_beforehand_that_a_limit_stands_in_the_way(htmx, member, offer):
    limited(member, quantity=2)
    content = htmx.get(REVIEW, CHOICE | {"quantity": 3}).content.decode()
    assert "Your limit is 2 in one purchase." in content


def test_the_dialog_shows_an_estimate_as_one(htmx, member, offer):
    limited(member, spending_a_day=Decimal(25))
    Policy.current()
    Policy.objects.update(estimate_1=Decimal("0.40"))
    assert "Counts as about $0.80, estimated." in htmx.get(REVIEW, CHOICE | {"quantity": 2}).content.decode()


def test_the_dialog_says_that_a_price_which_nobody_knows_counts_by_number(htmx, member, offer):
    limited(member, spending_a_day=Decimal(25))
    assert "this counts as a purchase, not in dollars" in htmx.get(REVIEW, CHOICE).content.decode()


def test_a_purchase_past_a_limit_is_refused_in_the_dialog_which_stays(htmx, member, offer):
    limited(member, purchases_a_day=1)
    htmx.post(BUY, asked())
    form = asked()
    answer = htmx.post(BUY, form)
    assert "0 left. Nothing was bought. Ask an administrator." in answer.content.decode()
    assert (answer.status_code, answer.context["purchase_id"]) == (200, uuid.UUID(form["purchase_id"]))
    assert Order.objects.count() == 1


def test_a_refused_purchase_can_be_made_once_there_is_room(htmx, member, offer):
    known, form = limited(member, purchases_a_day=0), asked()
    htmx.post(BUY, form)
    known.delete()
    assert "Buying 1 of 1" in htmx.post(BUY, form).content.decode()


def test_the_buy_page_shows_what_is_left(desk, member, offer):
    limited(member, purchases_a_day=3, highest_price=Decimal(2))
    content = desk.get(BUY).content.decode()
    assert "3 of 3 purchases left today · $2.00 at most for one number" in content
    assert 'max="3"' in content


def test_what_is_left_is_for_this_member_alone(desk, colleague, offer):
    limited(colleague, purchases_a_day=3)
    assert "Your limits" not in desk.get(BUY).content.decode()
