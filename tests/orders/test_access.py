"""Who may do what, asked of every view of the orders, of the cards that are published, and of the claim to buy."""

import re
import uuid

import pytest
from django.urls import reverse

from orders.lifecycle import transitions
from orders.live import cards
from orders.models import Order
from team.models import Policy
from team.roles import Role
from team.views.forbidden import MESSAGE
from tests.conftest import signed_in
from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db

CODE = "889922"
ACTS = ["undo_cancel", "finish", "hide", "cancel", "note", "reassign", "switch", "settle"]
DIALOGS = ["cancel", "note", "reassign", "switch", "settle"]
LOOKS = ["detail", "card"]
BUYING = ["orders:buy", "orders:offers", "orders:review"]
HTMX = {"headers": {"HX-Request": "true"}}
SHOWN = re.compile(rf"{CODE}|{CODE[:-2]}")


def at(name, order):
    return reverse(f"orders:{name}", args=[getattr(order, "pk", order)])


def act_on_own():
    Policy.current()
    Policy.objects.update(buyers_act_on="own")


# --- Who may only look


@pytest.mark.parametrize("name", LOOKS)
def test_a_viewer_looks_at_an_order_and_not_at_its_code(lookout, name):
    content = lookout.get(at(name, make_received(CODE))).content.decode()
    assert "••••22" in content
    assert not SHOWN.search(content)


def test_a_viewers_board_holds_no_code_in_any_field(lookout):
    order = make_received(CODE)
    order.codes.create(text=f"Your code is {CODE}")
    content = lookout.get(reverse("orders:board")).content.decode()
    assert content.count("••••22") == 2
    assert not SHOWN.search(content)


def test_a_viewer_may_copy_the_number_only(lookout):
    content = lookout.get(at("card", make_received(CODE))).content.decode()
    assert re.findall(r'data-copy="([^"]+)"', content) == ["+1 202-555-0123"]
    assert not re.findall(r"hx-(?:get|post|put|delete)=", content)


@pytest.mark.parametrize("status", [status for status in Order.Status if status != "requested"])
def test_no_card_offers_a_viewer_anything_to_do(lookout, status):
    content = lookout.get(at("detail", make_order(status))).content.decode()
    card = content[content.index("<article") : content.index("</article>")]
    assert not re.findall(r"hx-(?:get|post)=|<form", card)


def test_what_was_not_understood_is_not_quoted_to_a_viewer(lookout, desk):
    order = make_order("waiting")
    transitions.change(order, "answer", detail=f"unreadable: STATUS_OK {CODE}")
    assert CODE in desk.get(at("detail", order)).content.decode()
    assert CODE not in lookout.get(at("detail", order)).content.decode()


@pytest.mark.parametrize("name", ["orders:board", "catalog:status"])
def test_a_viewers_page_offers_no_purchase(lookout, name):
    assert "/buy/" not in lookout.get(reverse(name)).content.decode()


@pytest.mark.parametrize("extra", [{}, HTMX])
@pytest.mark.parametrize("name", ACTS)
@pytest.mark.parametrize("pk", [None, 10**6])
def test_a_viewer_who_acts_is_refused_whatever_the_order(lookout, viewer, name, pk, extra):
    order = make_order("waiting", owner=viewer)
    response = lookout.post(at(name, pk or order), **extra)
    order.refresh_from_db()
    assert (response.status_code, order.version, order.events.count()) == (403, 1, 0)
    assert MESSAGE in response.content.decode()


@pytest.mark.parametrize("name", DIALOGS)
def test_a_viewer_opens_no_dialog(lookout, name):
    response = lookout.get(at(name, make_order("unclear")), **HTMX)
    assert (response.status_code, response.content.decode()) == (403, MESSAGE)


def test_who_may_not_see_a_code_does_not_copy_it(lookout):
    order = make_received(CODE)
    assert lookout.post(at("copied", order)).status_code == 403
    assert not order.events.exists()


@pytest.mark.parametrize("name", BUYING)
def test_a_viewer_sees_no_page_to_buy_on(lookout, name):
    assert lookout.get(reverse(name)).status_code == 403


def test_a_viewer_buys_nothing(lookout):
    response = lookout.post(reverse("orders:buy"), {"purchase_id": str(uuid.uuid4()), "offer": "1|187|wa"})
    assert (response.status_code, Order.objects.count()) == (403, 0)


def test_a_viewer_marks_no_favourite_and_wants_no_refresh(lookout):
    urls = [reverse("orders:favourite"), reverse("catalog:refresh")]
    assert [lookout.post(url).status_code for url in urls] == [403, 403]


# --- Buyers who act on their own orders only


@pytest.mark.parametrize("name", ACTS)
def test_another_ones_order_is_answered_like_one_that_does_not_exist(htmx, name):
    act_on_own()
    order = make_order("waiting")
    theirs, nobodys = htmx.post(at(name, order)), htmx.post(at(name, 10**6))
    order.refresh_from_db()
    assert (theirs.status_code, order.version) == (404, 1)
    assert (nobodys.status_code, nobodys.content) == (404, theirs.content)


@pytest.mark.parametrize("name", DIALOGS)
def test_no_dialog_opens_for_another_ones_order(htmx, name):
    act_on_own()
    assert htmx.get(at(name, make_order("unclear"))).status_code == 404


def test_their_own_order_is_theirs_to_act_on(htmx, member):
    act_on_own()
    assert htmx.post(at("cancel", make_order("waiting", owner=member))).status_code == 200


def test_another_ones_order_and_code_are_still_seen(htmx):
    act_on_own()
    content = htmx.get(at("card", make_received(CODE))).content.decode()
    assert CODE in content
    assert "hx-post" not in content


def test_an_administrator_acts_on_every_order(admin_desk):
    act_on_own()
    assert admin_desk.post(at("cancel", make_order("waiting"))).status_code == 302
    assert Order.objects.get().cancel_at


# --- Settling


def settled(browser, order):
    response = browser.post(at("settle", order), {"answer": "not-bought"}, **HTMX)
    return response.status_code, Order.objects.get().status


def test_a_buyer_settles_no_other_ones_purchase(desk):
    assert settled(desk, make_order("unclear")) == (404, "unclear")


def test_a_buyer_settles_nothing_where_the_team_wants_administrators_to(desk, member):
    Policy.current()
    Policy.objects.update(buyers_settle=False)
    assert settled(desk, make_order("unclear", owner=member)) == (404, "unclear")


def test_an_administrator_settles_every_purchase(admin_desk):
    assert settled(admin_desk, make_order("unclear")) == (200, "refused")


@pytest.mark.parametrize(("own", "offered"), [(True, True), (False, False)])
def test_only_who_may_settle_is_asked_what_to_do(desk, member, own, offered):
    order = make_order("unclear", owner=member if own else make_user())
    assert ("What to do…" in desk.get(at("card", order)).content.decode()) == offered


# --- Handing over


@pytest.mark.parametrize("fields", [{"role": Role.VIEWER}, {"role": None}, {"is_active": False}])
def test_an_order_is_handed_over_only_to_who_may_act_on_it(htmx, fields):
    order, other = make_order("waiting"), make_user(**fields)
    assert 'role="alert"' in htmx.post(at("reassign", order), {"owner": other.pk}).content.decode()
    assert not order.events.exists()


# --- Without a role


@pytest.mark.parametrize("name", ["orders:board", "orders:buy", "catalog:status"])
def test_who_has_no_role_is_told_whom_to_ask(name):
    response = signed_in(make_user(role=None)).get(reverse(name))
    assert response.status_code == 403
    assert "Ask an administrator for a role" in response.content.decode()


def test_who_has_no_role_sees_no_order_and_no_fragment():
    order, browser = make_received(CODE), signed_in(make_user(role=None))
    assert CODE not in browser.get(at("card", order)).content.decode()
    assert browser.get(at("card", order), **HTMX).headers["HX-Redirect"] == "/"


@pytest.mark.parametrize("name", ["account_logout", "account_change_password"])
def test_who_has_no_role_may_still_change_the_password_and_leave(name):
    assert signed_in(make_user(role=None)).get(reverse(name)).status_code == 200


# --- What is published


def test_every_published_card_is_what_its_audience_fetches(told, htmx, lookout, admin_desk):
    order = make_received(CODE)
    cards.publish_card(order)
    fetched = [browser.get(at("card", order)).content.decode() for browser in (htmx, admin_desk, lookout)]
    assert fetched == [told[0]["cards"][key] for key in ("acts codes", "acts codes", "view")]


def test_no_code_is_in_a_published_card_of_those_who_may_not_see_it(told):
    cards.publish_card(make_received(CODE))
    [shown] = told
    assert {key for key, html in shown["cards"].items() if SHOWN.search(html)} == {"acts codes", "codes"}
