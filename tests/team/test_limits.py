from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.urls import reverse

from team.models import Limit, Policy
from team.roles import Role
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db

LIMITS = reverse("admin:team_limit_changelist")
ADD = reverse("admin:team_limit_add")


def test_nobody_has_limits_unless_somebody_sets_them(member):
    assert Limit.for_member(member) == {}


def test_a_limit_of_a_role_holds_for_each_member_with_it(member, colleague):
    Limit.objects.create(role=Role.BUYER, purchases_a_day=9)
    assert Limit.for_member(member) == Limit.for_member(colleague) == {"purchases_a_day": 9}


def test_a_limit_of_a_role_holds_for_nobody_else(member):
    Limit.objects.create(role=Role.BUYER, purchases_a_day=9)
    assert [Limit.for_member(make_user(role=Role.VIEWER)), Limit.for_member(make_user(role=None))] == [{}, {}]


def test_an_administrator_has_limits_too(db):
    Limit.objects.create(role=Role.ADMINISTRATOR, quantity=2)
    assert Limit.for_member(make_administrator()) == {"quantity": 2}


def test_a_members_own_limit_goes_before_the_roles_field_by_field(member):
    Limit.objects.create(role=Role.BUYER, purchases_a_day=9, quantity=5, highest_price=Decimal(2))
    Limit.objects.create(member=member, purchases_a_day=20, quantity=0)
    assert Limit.for_member(member) == {"purchases_a_day": 20, "highest_price": 2, "quantity": 0}


def test_a_members_own_limit_is_nobody_elses(member, colleague):
    Limit.objects.create(member=colleague, purchases_a_day=9)
    assert Limit.for_member(member) == {}


def test_a_member_who_takes_another_role_takes_its_limits(member):
    Limit.objects.create(role=Role.BUYER, purchases_a_day=9)
    member.take_role(Role.VIEWER)
    assert Limit.for_member(member) == {}


@pytest.mark.parametrize("whose", [{}, {"role": "Buyer", "member_id": 1}])
def test_a_limit_is_of_a_member_or_of_a_role(member, whose):
    whose = whose | ({"member_id": member.pk} if whose else {})
    with pytest.raises(IntegrityError):
        Limit.objects.create(**whose)


def test_a_role_has_one_row_of_limits(db):
    Limit.objects.create(role=Role.BUYER)
    with pytest.raises(IntegrityError):
        Limit.objects.create(role=Role.BUYER)


@pytest.mark.parametrize(("server", "estimate"), [(1, Decimal("0.40")), (2, None), (3, Decimal(2))])
def test_an_estimate_is_of_a_server(server, estimate):
    policy = Policy(estimate_1=Decimal("0.40"), estimate_3=Decimal(2))
    assert policy.estimated_price(server) == estimate


# --- In Django admin


def test_the_list_of_limits_says_whose_they_are(admin_desk, member):
    Limit.objects.create(role=Role.BUYER, spending_a_day=Decimal(25))
    Limit.objects.create(member=member)
    content = admin_desk.get(LIMITS).content.decode()
    assert all(text in content for text in ("each Buyer", ">ana<", "25.00"))


def test_an_administrator_sets_a_limit(admin_desk, member):
    admin_desk.post(ADD, {"member": member.pk, "role": "", "purchases_a_day": 9, "spending_a_month": "100.50"})
    assert Limit.for_member(member) == {"purchases_a_day": 9, "spending_a_month": Decimal("100.50")}


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({}, "Choose either a member or a role."),
        ({"role": "Buyer"}, "This role has its limits already."),
        ({"role": "Viewer", "spending_a_day": "-1"}, "greater than or equal to 0"),
        ({"role": "Viewer", "purchases_a_day": "x"}, "Enter a whole number."),
        ({"role": "Emperor"}, "Select a valid choice."),
    ],
)
def test_a_limit_that_cannot_be_is_refused_in_words(admin_desk, fields, told):
    Limit.objects.create(role=Role.BUYER)
    assert told in admin_desk.post(ADD, fields).content.decode()


def test_a_member_may_not_set_limits(desk):
    assert desk.get(ADD).status_code == 302
