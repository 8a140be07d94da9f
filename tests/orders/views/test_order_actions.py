from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from orders.lifecycle import buying, closing, transitions
from orders.models import Order
from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db

ONLY_POST = ["orders:undo_cancel", "orders:finish", "orders:hide", "orders:copied"]
DIALOGS = ["orders:cancel", "orders:note", "orders:reassign", "orders:settle"]
BOUGHT = {"answer": "bought", "activation_id": "550011", "phone": "+1 (202) 555-0199"}


def post(browser, name, order, **form):
    return browser.post(reverse(f"orders:{name}", args=[order.pk]), form)


def card(response):
    assert response.status_code == 200
    return response.content.decode()


def unclear(owner):
    return make_order("unclear", outcome="timeout", owner=owner)


@pytest.mark.parametrize("name", ONLY_POST + DIALOGS)
def test_an_anonymous_visitor_does_nothing_to_an_order(client, name):
    order = make_received()
    response = client.post(reverse(name, args=[order.pk]))
    order.refresh_from_db()
    assert (response.status_code, order.version) == (302, 1)


@pytest.mark.parametrize("name", ONLY_POST)
def test_an_address_that_acts_takes_no_get(desk, name):
    assert desk.get(reverse(name, args=[make_order("waiting").pk])).status_code == 405


@pytest.mark.parametrize("name", ONLY_POST + DIALOGS)
@pytest.mark.parametrize("pk", [404, 10**30])
def test_an_unknown_order_is_not_found(desk, name, pk):
    assert desk.post(reverse(name, args=[pk])).status_code == 404


@pytest.mark.parametrize("name", DIALOGS)
def test_opening_a_dialog_changes_nothing(htmx, member, name):
    order = unclear(member)
    htmx.get(reverse(name, args=[order.pk]))
    assert not order.events.exists()


# --- Cancel and keep


def test_a_cancel_pressed_early_is_planned_for_when_it_is_allowed(htmx, member, bells):
    order = make_order("waiting")
    assert 'data-state="cancel-planned"' in card(post(htmx, "cancel", order))
    order.refresh_from_db()
    assert (order.status, order.cancel_at, order.events.get().actor) == ("waiting", order.cancellable_at, member)
    assert bells == []


def test_a_cancel_that_is_allowed_rings_at_once(htmx, bells):
    order = make_order("waiting", bought_at=timezone.now() - timedelta(minutes=3))
    post(htmx, "cancel", order)
    assert bells == [("orders.send_requested_action", order.pk)]


def test_cancelling_a_request_that_nobody_began_to_buy_withdraws_it(htmx, member, bells):
    order = make_order()
    assert "The request was withdrawn in time. Nothing was bought." in card(post(htmx, "cancel", order))
    order.refresh_from_db()
    assert (order.status, order.outcome, order.events.get().actor, bells) == ("refused", "withdrawn", member, [])


def test_cancelling_what_is_just_being_bought_keeps_the_wish(htmx, member):
    order = make_order("buying")
    assert "it is cancelled as soon as LegitSMS allows" in card(post(htmx, "cancel", order))
    order.refresh_from_db()
    assert (order.status, bool(order.cancel_at), order.events.get().actor) == ("buying", True, member)


def test_cancelling_a_request_that_is_claimed_at_that_moment_keeps_the_wish(htmx, monkeypatch):
    order, right = make_order(), closing.withdraw
    monkeypatch.setattr(
        closing, "withdraw", lambda it, actor: buying.start_buying(Order.objects.get(pk=it.pk)) or right(it, actor)
    )
    post(htmx, "cancel", order)
    order.refresh_from_db()
    assert (order.status, bool(order.cancel_at)) == ("buying", True)


def test_a_planned_cancel_can_be_taken_back(htmx):
    order = make_order("waiting", cancel_at=timezone.now() + timedelta(minutes=1))
    assert 'data-state="waiting"' in card(post(htmx, "undo_cancel", order))


def test_a_cancel_that_is_being_sent_cannot_be_taken_back(htmx):
    order = make_order("waiting", cancel_at=timezone.now(), is_sending_action=True)
    assert "Too late" in card(post(htmx, "undo_cancel", order))


@pytest.mark.parametrize("status", ["received", "unclear", "refused", "finished", "cancelled"])
def test_an_order_that_does_not_wait_is_not_cancelled_and_the_card_says_why(htmx, status):
    order = make_order(status)
    transitions.change(order, "note", make_user(first_name="Cleo"))
    content = card(post(htmx, "cancel", order))
    assert "Too late: Note changed by Cleo at" in content
    order.refresh_from_db()
    assert (order.status, order.version, order.cancel_at) == (status, 2, None)


def test_a_cancel_pressed_twice_is_one_wish(htmx):
    order = make_order("waiting")
    assert "Too late: Cancel planned by Ana" in [card(post(htmx, "cancel", order)) for _ in range(2)][1]
    assert order.events.count() == 1


def test_any_member_may_cancel_and_the_history_says_who(htmx, member, colleague):
    order = make_order("waiting", owner=colleague)
    post(htmx, "cancel", order)
    assert order.events.get().actor == member


def test_without_javascript_an_action_leads_to_the_orders_page(desk):
    order = make_order("waiting")
    response = post(desk, "cancel", order)
    assert (response.status_code, response.url) == (302, reverse("orders:detail", args=[order.pk]))


# --- Done, hide, note, hand over, copied


def test_done_is_wished_and_rung_for(htmx, bells):
    order = make_received()
    assert 'data-state="finishing"' in card(post(htmx, "finish", order))
    assert bells == [("orders.send_requested_action", order.pk)]


def test_an_order_without_a_code_is_not_done(htmx, bells):
    order = make_order("waiting")
    assert "data-notice" in card(post(htmx, "finish", order))
    assert (Order.objects.get().finish_at, bells) == (None, [])


def test_an_ended_order_leaves_every_board_when_it_is_hidden(htmx):
    assert "data-removed" in card(post(htmx, "hide", make_order("finished")))


def test_an_open_order_cannot_be_hidden(htmx):
    order = make_order("waiting")
    assert "data-removed" not in card(post(htmx, "hide", order))
    assert Order.objects.get().hidden_at is None


def test_a_note_is_shown_on_the_card(htmx):
    assert "ticket 7" in card(post(htmx, "note", make_order("waiting"), note="ticket 7"))


def test_a_note_that_is_too_long_is_asked_for_again(htmx):
    order = make_order("waiting")
    assert "at most 200 characters" in card(post(htmx, "note", order, note="x" * 201))
    assert not order.events.exists()


def test_an_empty_note_takes_the_note_away(htmx):
    order = make_order("waiting", note="old")
    post(htmx, "note", order, note="")
    order.refresh_from_db()
    assert order.note == ""


def test_an_order_is_handed_over_and_the_history_says_to_whom(htmx, colleague):
    order = make_order("waiting")
    assert f'data-owner="{colleague.pk}"' in card(post(htmx, "reassign", order, owner=colleague.pk))
    assert order.events.get().detail == "to ben"


@pytest.mark.parametrize("owner", ["", "0", "x", "99999999999999999999"])
def test_an_order_is_handed_over_to_nobody_unknown(htmx, owner):
    order = make_order("waiting")
    assert 'role="alert"' in card(post(htmx, "reassign", order, owner=owner))
    assert not order.events.exists()


def test_an_order_is_not_handed_over_to_who_has_left(htmx):
    order, gone = make_order("waiting"), make_user(is_active=False)
    assert 'role="alert"' in card(post(htmx, "reassign", order, owner=gone.pk))


def test_who_copied_the_code_is_on_the_card(htmx, member):
    order = make_received()
    assert post(htmx, "copied", order).status_code == 204
    order.refresh_from_db()
    assert (order.copied_by, order.version) == (member, 2)


# --- What became of an unclear purchase


def test_an_unclear_order_that_was_bought_is_asked_about_before_it_is_believed(htmx, member, bells):
    order = unclear(member)
    assert "Asking LegitSMS whether it knows order 550011" in card(post(htmx, "settle", order, **BOUGHT))
    order.refresh_from_db()
    assert (order.status, order.reported_id, order.reported_phone) == ("unclear", "550011", "12025550199")
    assert (order.events.get().actor, bells) == (member, [("orders.check_reported_purchase", order.pk)])


def test_an_unclear_order_that_was_not_bought_is_refused(htmx, member):
    content = card(post(htmx, "settle", unclear(member), answer="not-bought"))
    assert 'data-state="refused"' in content
    assert "no number had been bought" in content


def test_an_unclear_order_can_be_written_off(htmx, member):
    order = unclear(member)
    assert "Written off" in card(post(htmx, "settle", order, answer="write-off"))
    order.refresh_from_db()
    assert (order.status, order.refund) == ("closed", "unconfirmed")


def test_an_order_is_settled_once(htmx, member):
    order = unclear(member)
    post(htmx, "settle", order, answer="not-bought")
    content = card(post(htmx, "settle", order, **BOUGHT))
    assert "Too late: Settled: it was not bought by Ana" in content
    assert (Order.objects.get().status, order.events.count()) == ("refused", 1)


@pytest.mark.parametrize("status", ["requested", "buying", "waiting", "received", "finished", "cancelled", "closed"])
def test_an_order_that_is_not_unclear_cannot_be_settled(htmx, member, status):
    order = make_order(status, owner=member)
    post(htmx, "settle", order, **BOUGHT)
    order.refresh_from_db()
    assert (order.status, order.version) == (status, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"answer": ""},
        {"answer": "perhaps"},
        {"activation_id": ""},
        {"activation_id": "550 011"},
        {"activation_id": "x" * 65},
        {"activation_id": "55\0"},
        {"phone": ""},
        {"phone": "1234"},
        {"phone": "١٢٣٤٥٦٧"},
        {"phone": "1" * 21},
    ],
)
def test_a_wrong_answer_settles_nothing(htmx, member, wrong):
    order = unclear(member)
    content = card(post(htmx, "settle", order, **BOUGHT | wrong))
    assert "Settle order" in content
    assert not order.events.exists()


def test_the_id_of_another_order_is_not_taken(htmx, member):
    make_order("waiting", activation_id="550011")
    assert "already has this ID" in card(post(htmx, "settle", unclear(member), **BOUGHT))
