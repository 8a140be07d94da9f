import pytest
from django.contrib.auth.models import Group

from team.models import Policy
from team.roles import ADMINISTER, BUY, GRANTS, SEE_CODES, Role
from tests.factories import make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", Role)
def test_a_migration_makes_each_role_with_what_it_grants(role):
    rights = {f"team.{right}" for right in Group.objects.get(name=role).permissions.values_list("codename", flat=True)}
    assert rights == set(GRANTS[role])


@pytest.mark.parametrize(
    ("role", "rights"),
    [(Role.ADMINISTRATOR, {BUY, SEE_CODES, ADMINISTER}), (Role.BUYER, {BUY, SEE_CODES}), (Role.VIEWER, set())],
)
def test_a_member_has_the_rights_of_the_role(role, rights):
    member = make_user(role=role)
    assert {right for right in (BUY, SEE_CODES, ADMINISTER) if member.has_perm(right)} == rights


@pytest.mark.parametrize("before", Role)
@pytest.mark.parametrize("after", Role)
def test_a_member_has_one_role_at_a_time(before, after):
    member = make_user(role=before)
    member.take_role(after)
    assert (member.role, member.groups.count(), member.is_staff) == (after, 1, after == Role.ADMINISTRATOR)


def test_a_member_without_a_role_has_no_right():
    member = make_user(role=None)
    assert (member.role, member.has_perm(BUY), member.has_perm(SEE_CODES)) == (None, False, False)


def test_there_is_one_policy():
    assert Policy.current().pk == Policy.current().pk
