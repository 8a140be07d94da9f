import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.urls import reverse

from catalog.models import Country, Listing, Service
from orders.lifecycle import transitions
from orders.models import Code, Heartbeat, Order, OrderEvent, Purchase
from provider.models import ProviderHealth
from team.models import User
from team.roles import Role
from tests.conftest import signed_in
from tests.factories import make_heartbeats, make_offer, make_received, make_user

pytestmark = pytest.mark.django_db

OURS = [Code, Country, Heartbeat, Listing, Order, OrderEvent, Purchase, Service, User, ProviderHealth]
WRITTEN_BY_THE_DESK = [Code, Heartbeat, Order, OrderEvent, Purchase, ProviderHealth]


@pytest.fixture
def rows(db):
    """One row of everything."""
    make_offer()
    make_heartbeats()
    ProviderHealth.mark("sandbox")
    transitions.change(make_received(), "note", make_user(), note="ticket 7")


def page(model, what, *given):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{what}", args=given)


def test_every_model_of_ours_is_in_the_administration():
    assert set(OURS) <= set(admin.site._registry)


@pytest.mark.parametrize("model", OURS)
def test_every_list_can_be_searched_and_filtered(model):
    registered = admin.site._registry[model]
    assert registered.search_fields
    assert registered.list_filter or model is Code


@pytest.mark.parametrize("model", OURS)
def test_every_list_answers_an_administrator(admin_desk, rows, model):
    assert admin_desk.get(page(model, "changelist")).status_code == 200


@pytest.mark.parametrize("model", OURS)
@pytest.mark.parametrize("words", ["7", "ticket", "x' OR 1=1", "%_\\"])
def test_every_list_can_be_searched_for_anything(admin_desk, rows, model, words):
    assert admin_desk.get(page(model, "changelist"), {"q": words}).status_code == 200


@pytest.mark.parametrize("model", OURS)
def test_every_row_can_be_looked_at(admin_desk, rows, model):
    assert admin_desk.get(page(model, "change", model.objects.first().pk)).status_code == 200


@pytest.mark.parametrize("model", WRITTEN_BY_THE_DESK)
def test_what_happened_is_not_edited_by_hand(admin_desk, rows, model):
    assert admin_desk.post(page(model, "change", model.objects.first().pk), {}).status_code == 403
    assert admin_desk.get(page(model, "add")).status_code == 403


def test_codes_are_shown_only_to_who_may_see_them(rows):
    clerk = make_user(role=None, is_staff=True)
    clerk.take_role(Role.VIEWER)
    User.objects.filter(pk=clerk.pk).update(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__in=("view_order", "view_code")))
    browser, order = signed_in(User.objects.get(pk=clerk.pk)), Order.objects.get()
    assert "123456" not in browser.get(page(Order, "change", order.pk)).content.decode()
    assert browser.get(page(Code, "changelist")).status_code == 403


def test_the_list_of_orders_asks_no_more_questions_with_more_orders(admin_desk, django_assert_max_num_queries):
    [make_received() for _ in range(30)]
    with django_assert_max_num_queries(12):
        admin_desk.get(page(Order, "changelist"))


def test_a_member_who_is_no_administrator_is_not_let_in(desk):
    assert desk.get(reverse("admin:index")).status_code == 302
