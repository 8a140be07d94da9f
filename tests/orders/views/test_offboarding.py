import pytest
from django.urls import reverse

from orders.models import Order
from team.models import User
from team.roles import Role
from tests.conftest import confirmed, signed_in
from tests.factories import make_administrator, make_order, make_user

pytestmark = pytest.mark.django_db


def page(member):
    return reverse("orders:offboard", args=[getattr(member, "pk", member)])


def test_who_is_deactivated_is_out_at_once_and_everywhere(admin_desk, member, desk, htmx):
    assert admin_desk.post(page(member)).status_code == 302
    assert desk.get("/").status_code == 302
    assert htmx.get("/").headers["HX-Redirect"].startswith(reverse("account_login"))
    assert not User.objects.get(pk=member.pk).is_active


def test_open_orders_are_handed_over_in_the_same_step(admin_desk, member, colleague):
    is_open, ended = make_order("waiting", owner=member), make_order("finished", owner=member)
    admin_desk.post(page(member), {"successor": colleague.pk})
    assert [Order.objects.get(pk=order.pk).owner for order in (is_open, ended)] == [colleague, member]
    assert (is_open.events.get().detail, is_open.events.get().actor.role) == ("to ben", Role.ADMINISTRATOR)


def test_without_an_heir_orders_stay_as_they_are(admin_desk, member):
    order = make_order("waiting", owner=member)
    admin_desk.post(page(member))
    assert not order.events.exists()


def test_who_left_before_can_still_hand_over(admin_desk, member, colleague):
    order = make_order("waiting", owner=member)
    member.deactivate()
    admin_desk.post(page(member), {"successor": colleague.pk})
    assert Order.objects.get(pk=order.pk).owner == colleague


@pytest.mark.parametrize("successor", ["viewer", "gone", "themselves", "0", "x"])
def test_only_who_may_act_takes_over(admin_desk, member, viewer, successor):
    known = {"viewer": viewer.pk, "gone": make_user(is_active=False).pk, "themselves": member.pk}
    assert admin_desk.post(page(member), {"successor": known.get(successor, successor)}).status_code == 200
    assert User.objects.get(pk=member.pk).is_active


def test_the_last_administrator_stays():
    last = make_administrator()
    response = confirmed(last).post(page(last))
    assert "last active administrator" in response.content.decode()
    assert User.objects.get().is_active


def test_looking_deactivates_nobody(admin_desk, member):
    make_order("waiting", owner=member)
    assert "1 open order:" in admin_desk.get(page(member)).content.decode()
    assert User.objects.get(pk=member.pk).is_active


def test_an_unknown_member_is_not_found(admin_desk):
    assert admin_desk.post(page(10**6)).status_code == 404


@pytest.mark.parametrize("role", [Role.BUYER, Role.VIEWER])
def test_only_administrators_deactivate(member, role):
    browser = signed_in(make_user(role=role))
    assert [browser.get(page(member)).status_code, browser.post(page(member)).status_code] == [403, 403]
    assert User.objects.get(pk=member.pk).is_active


def test_a_members_page_in_admin_leads_here(admin_desk, member):
    assert page(member) in admin_desk.get(reverse("admin:team_user_change", args=[member.pk])).content.decode()
