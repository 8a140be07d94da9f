from datetime import timedelta

import pytest
from django.utils import timezone

from orders.code_visibility import CodeVisibility
from orders.models import Code
from orders.presentation import OrderCard
from team.models import Policy
from team.roles import Role
from tests.factories import make_received, make_user

pytestmark = pytest.mark.django_db


def a_code(text="889922", hours=0):
    return Code(text=text, received_at=timezone.now() - timedelta(hours=hours))


def masked_after(hours):
    Policy.current()
    Policy.objects.update(codes_masked_after=hours)


def test_a_buyer_sees_a_new_code():
    assert CodeVisibility.of(make_user()).text(a_code()) == "889922"


def test_an_old_code_is_masked_for_everybody():
    assert CodeVisibility.of(make_user(role=Role.ADMINISTRATOR)).text(a_code(hours=25)) == "••••22"


def test_the_team_says_after_how_many_hours():
    masked_after(48)
    assert CodeVisibility.of(make_user()).text(a_code(hours=25)) == "889922"


def test_with_no_hours_no_code_is_ever_old():
    masked_after(0)
    assert CodeVisibility.of(make_user()).text(a_code(hours=100_000)) == "889922"


@pytest.mark.parametrize("role", [Role.VIEWER, None])
def test_who_may_not_see_codes_sees_a_new_one_masked(role):
    assert CodeVisibility.of(make_user(role=role)).text(a_code()) == "••••22"


@pytest.mark.parametrize("text", ["1234", "12345", " 1234 ", ""])
def test_of_a_short_code_nothing_is_told(text):
    assert a_code(text).masked == "••••"


def test_one_question_to_the_database_serves_any_number_of_codes(django_assert_num_queries):
    sight = CodeVisibility.for_permission(may_see=True)
    with django_assert_num_queries(0):
        assert [sight.hides(a_code(hours=hours)) for hours in (1, 30)] == [False, True]


def test_the_presenter_asks_the_same_rule():
    [line] = OrderCard(make_received("889922"), visibility=CodeVisibility(may_see=False)).codes
    assert (line.text, line.is_masked) == ("••••22", True)
