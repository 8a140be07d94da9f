import pytest
from django.contrib.auth.models import AnonymousUser

from orders.models import Order
from orders.permissions import OrderPermissions, Viewer, card_variants
from team.models import Policy
from team.roles import Role
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db

ALL, LOOKS = OrderPermissions(True, True, True), OrderPermissions(False, False, False)
ACTS, CODES = OrderPermissions(True, False, True), OrderPermissions(False, False, True)


def agree(**terms):
    Policy.current()
    Policy.objects.update(**terms)


def towards(role, *, own=False):
    """What a member in `role` may do with an order."""
    member = make_user(role=role)
    return Viewer.of(member).permissions_for(member.pk if own else 0)


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (Role.ADMINISTRATOR, False, ALL),
        (Role.BUYER, True, ALL),
        (Role.BUYER, False, ACTS),
        (Role.VIEWER, True, LOOKS),
        (Role.VIEWER, False, LOOKS),
    ],
)
def test_a_role_says_what_a_member_may(role, own, may):
    assert towards(role, own=own) == may


@pytest.mark.parametrize(
    ("role", "own", "may"),
    [
        (Role.ADMINISTRATOR, False, ALL),
        (Role.BUYER, True, ALL),
        (Role.BUYER, False, CODES),
        (Role.VIEWER, True, LOOKS),
    ],
)
def test_where_buyers_act_on_their_own_they_only_look_at_the_others(role, own, may):
    agree(buyers_act_on="own")
    assert towards(role, own=own) == may


@pytest.mark.parametrize(("role", "own"), [(Role.ADMINISTRATOR, True), (Role.BUYER, False)])
def test_where_buyers_do_not_settle_administrators_still_do(role, own):
    agree(buyers_settle=False)
    assert (towards(role, own=True).settles, towards(role).settles) == (own, own)


def test_who_has_no_role_is_no_visitor():
    assert Viewer.of(make_user(role=None)) is None


def test_who_is_deactivated_or_unknown_is_no_visitor():
    assert (Viewer.of(make_user(is_active=False)), Viewer.of(AnonymousUser())) == (None, None)


# --- How many cards are rendered


@pytest.mark.parametrize(
    ("matters", "number"),
    [
        ({"is_unclear": False, "has_codes": False}, 2),
        ({"is_unclear": True, "has_codes": False}, 3),
        ({"is_unclear": False, "has_codes": True}, 4),
    ],
)
def test_a_card_is_rendered_only_as_often_as_it_differs(matters, number):
    assert len(card_variants(**matters)) == number


@pytest.mark.parametrize("is_unclear", [True, False])
@pytest.mark.parametrize("has_codes", [True, False])
@pytest.mark.parametrize("may", [ALL, ACTS, CODES, LOOKS])
def test_there_is_a_card_for_everybody(may, is_unclear, has_codes):
    matters = {"is_unclear": is_unclear, "has_codes": has_codes}
    assert may.for_state(**matters) in card_variants(**matters)


# --- The same rules as questions to the database


def reached(user):
    questions = (Order.objects.for_user, Order.objects.actionable_by, Order.objects.settleable_by)
    return [set(question(user)) for question in questions]


@pytest.mark.parametrize("reach", Policy.Reach)
@pytest.mark.parametrize("settle", [True, False])
@pytest.mark.parametrize("role", Role)
def test_the_database_is_asked_by_the_same_rules(role, settle, reach):
    agree(buyers_act_on=reach, buyers_settle=settle)
    member = make_user(role=role)
    orders = {make_order("unclear", owner=member), make_order("unclear")}
    may = {order: Viewer.of(member).permissions_for(order.owner_id) for order in orders}
    acts, settles = ({order for order in orders if getattr(may[order], name)} for name in ("acts", "settles"))
    assert reached(member) == [orders, acts, settles]


@pytest.mark.parametrize("user", [AnonymousUser(), None])
def test_who_is_nobody_here_reaches_nothing(user):
    make_order("unclear")
    assert reached(user or make_user(role=None)) == [set(), set(), set()]
