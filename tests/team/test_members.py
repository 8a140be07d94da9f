"""Members in Django admin: made, given a role, let in no longer."""

from functools import partial

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse

from team.models import LastAdministrator, Policy, User
from team.roles import ADMINISTER, BUY, SEE_CODES, Role
from tests.conftest import signed_in
from tests.factories import make_administrator, make_user
from tests.racing import race

pytestmark = pytest.mark.django_db

BOARD = reverse("orders:board")
MEMBERS = reverse("admin:team_user_changelist")
NEW = {"username": "cleo", "first_name": "Cleo", "password1": "correct horse x", "password2": "correct horse x"}


def change(browser, member, role, **fields):
    known = {"username": member.username, "first_name": member.first_name, "email": member.email, "role": role}
    return browser.post(reverse("admin:team_user_change", args=[member.pk]), known | fields)


def role_of(member):
    return User.objects.get(pk=member.pk).role


def act(browser, action, *members):
    form = {"action": action, "_selected_action": [member.pk for member in members]}
    return browser.post(MEMBERS, form)


@pytest.mark.parametrize("role", Role)
def test_an_administrator_makes_a_member_with_a_role(admin_desk, role):
    assert admin_desk.post(reverse("admin:team_user_add"), NEW | {"role": role}).status_code == 302
    made = User.objects.get(username="cleo")
    assert (made.role, made.is_staff, made.check_password(NEW["password1"])) == (role, role == "Administrator", True)


@pytest.mark.parametrize("field", ["is_superuser", "is_staff", "groups", "user_permissions", "is_active"])
def test_the_role_is_the_only_way_to_rights(admin_desk, member, field):
    change(admin_desk, member, Role.BUYER, **{field: "1"})
    made = User.objects.get(pk=member.pk)
    assert (made.role, made.is_staff, made.is_active, made.user_permissions.count()) == (Role.BUYER, False, True, 0)


@pytest.mark.parametrize("role", Role)
def test_an_administrator_changes_a_role(admin_desk, member, role):
    assert change(admin_desk, member, role).status_code == 302
    assert role_of(member) == role


def test_who_gets_another_role_signs_in_again(admin_desk, member, desk, told):
    change(admin_desk, member, Role.VIEWER)
    assert desk.get(BOARD).status_code == 302


def test_who_keeps_the_role_stays_signed_in(admin_desk, member, desk):
    change(admin_desk, member, Role.BUYER, first_name="Anna")
    assert desk.get(BOARD).status_code == 200


def test_a_member_keeps_a_role(admin_desk, member):
    assert "A member keeps a role" in change(admin_desk, member, "").content.decode()
    assert role_of(member) == Role.BUYER


def test_a_member_who_has_no_role_gets_one(admin_desk):
    member = make_user(role=None)
    change(admin_desk, member, Role.VIEWER)
    assert role_of(member) == Role.VIEWER


@pytest.mark.parametrize("role", [Role.BUYER, Role.VIEWER, ""])
def test_the_last_administrator_stays_one(admin_desk, role):
    last = User.objects.get()
    assert change(admin_desk, last, role).status_code == 200
    assert role_of(last) == Role.ADMINISTRATOR


def test_an_administrator_who_may_not_sign_in_does_not_count(admin_desk):
    last = User.objects.get()
    make_administrator(is_active=False)
    with pytest.raises(LastAdministrator):
        last.deactivate()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("leave", [User.deactivate, partial(User.change_role, role=Role.BUYER)])
def test_of_two_administrators_who_remove_each_other_one_stays(leave):
    both = [make_administrator(), make_administrator()]
    said = race(lambda: leave(User.objects.get(pk=both.pop().pk)), 2)
    assert sorted(map(str, said)) == ["LastAdministrator", "None"]


def test_no_member_is_deleted(admin_desk, member):
    assert admin_desk.post(reverse("admin:team_user_delete", args=[member.pk]), {"post": "yes"}).status_code == 403
    act(admin_desk, "delete_selected", member)
    assert User.objects.filter(pk=member.pk).exists()


def test_a_member_is_signed_out_everywhere(admin_desk, member, desk, told):
    act(admin_desk, "sign_out", member)
    assert desk.get(BOARD).status_code == 302
    assert admin_desk.get(BOARD).status_code == 200


def test_who_is_let_in_again_signs_in_anew(admin_desk, member, desk):
    member.deactivate()
    act(admin_desk, "let_in_again", member)
    assert User.objects.get(pk=member.pk).is_active
    assert desk.get(BOARD).status_code == 302


def test_the_news_reach_the_streams_when_they_are_true(member, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        member.change_role(Role.VIEWER)
        assert told == []
    assert told == [{"event": "permissions", "member": member.pk}]


# --- What the team has agreed on, and what a role may do


@pytest.fixture
def terms(admin_desk):
    """The address of the policy, and what its form sends."""
    sent = {"buyers_act_on": "own", "codes_masked_after": "24", "keep_days": "0"}
    return reverse("admin:team_policy_change", args=[Policy.current().pk]), sent


def test_the_policy_is_changed_and_streams_hear_of_it(admin_desk, terms, told, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert admin_desk.post(*terms).status_code == 302
    assert (Policy.current().buyers_act_on, told) == ("own", [{"event": "permissions", "member": None}])


def test_the_list_of_policies_is_the_one(admin_desk, terms):
    assert admin_desk.get(reverse("admin:team_policy_changelist")).url == terms[0]


@pytest.mark.parametrize("page", ["admin:team_policy_add", "admin:auth_group_add"])
def test_there_is_no_second_policy_and_no_fourth_role(admin_desk, page):
    assert admin_desk.get(reverse(page)).status_code == 403


@pytest.mark.parametrize("model", [Policy, Group])
def test_neither_the_policy_nor_a_role_is_deleted(admin_desk, model):
    row = model.objects.first()
    page = reverse(f"admin:{model._meta.label_lower.replace('.', '_')}_delete", args=[row.pk])
    assert admin_desk.post(page, {"post": "yes"}).status_code == 403


def test_an_administrator_changes_what_a_role_may(admin_desk):
    viewers = Group.objects.get(name=Role.VIEWER)
    rights = {name: str(right.pk) for name, right in rights_offered().items()}
    admin_desk.post(reverse("admin:auth_group_change", args=[viewers.pk]), {"permissions": [rights["see_codes"]]})
    viewer = make_user(role=Role.VIEWER)
    assert [viewer.has_perm(right) for right in (SEE_CODES, BUY, ADMINISTER)] == [True, False, False]


def rights_offered():
    field = admin.site._registry[Group].form.base_fields["permissions"]
    return {right.codename: right for right in field.queryset}


def test_a_role_is_offered_the_desks_own_rights_only():
    assert set(rights_offered()) == {"buy", "see_codes", "administer"}


@pytest.mark.parametrize("page", ["team_user", "team_policy", "auth_group", "team_invitation"])
@pytest.mark.parametrize("role", [Role.BUYER, Role.VIEWER])
def test_nobody_else_comes_near(role, page):
    assert signed_in(make_user(role=role)).get(reverse(f"admin:{page}_changelist")).status_code in {302, 403}


def test_the_list_of_members_asks_no_more_questions_with_more_members(admin_desk, django_assert_max_num_queries):
    [make_user() for _ in range(20)]
    with django_assert_max_num_queries(9):
        assert admin_desk.get(MEMBERS).status_code == 200
