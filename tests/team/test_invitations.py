import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from team.models import Invitation, User
from team.roles import Role
from tests.factories import make_administrator, make_user
from tests.racing import race

pytestmark = pytest.mark.django_db

FORM = {"username": "cleo", "first_name": "Cleo", "password1": "correct horse x", "password2": "correct horse x"}
ADD = reverse("admin:team_invitation_add")


def invite(role=Role.BUYER, **fields):
    """The path of a new invitation's link."""
    invitation = Invitation(role=role, invited_by=make_administrator(), **fields)
    token = invitation.renew_token()
    invitation.save()
    return reverse("team:join", args=[token])


def test_the_link_is_shown_once_and_only_its_hash_is_kept(admin_desk, settings):
    shown = admin_desk.post(ADD, {"role": Role.VIEWER, "name": "Cleo"}).content.decode()
    [token] = re.findall(rf"{re.escape(settings.SITE_URL)}/join/([\w-]+)/", shown)
    kept = Invitation.objects.with_token(token).values().get()
    assert token not in str(kept)
    assert token not in admin_desk.get(reverse("admin:team_invitation_change", args=[kept["id"]])).content.decode()


@pytest.mark.parametrize("role", Role)
def test_who_has_the_link_becomes_a_member_in_its_role_and_is_signed_in(client, role):
    link = invite(role, name="Cleo")
    assert 'value="Cleo"' in client.get(link).content.decode()
    assert client.post(link, FORM).url == reverse("orders:board")
    member = User.objects.get(username="cleo")
    assert (member.role, member.is_staff, client.get(reverse("orders:board")).status_code) == (
        role,
        role == Role.ADMINISTRATOR,
        200,
    )


def test_a_link_works_once(client):
    link = invite()
    client.post(link, FORM)
    assert [Client().get(link).status_code, Client().post(link, FORM | {"username": "dan"}).status_code] == [404, 404]
    assert not User.objects.filter(username="dan").exists()


@pytest.mark.parametrize(
    "fields", [{"expires_at": timezone.now() - timedelta(seconds=1)}, {"revoked_at": timezone.now()}]
)
def test_a_link_that_expired_or_was_revoked_opens_nothing(client, fields):
    link = invite(**fields)
    assert [client.get(link).status_code, client.post(link, FORM).status_code] == [404, 404]
    assert not User.objects.filter(username="cleo").exists()


def test_a_link_lasts_for_a_week():
    invite()
    lasts = Invitation.objects.get().expires_at - timezone.now()
    assert timedelta(days=6, hours=23) < lasts <= timedelta(days=7)


@pytest.mark.parametrize("token", ["x", "é", "%00", "x" * 500])
def test_a_guessed_link_opens_nothing(client, token):
    invite()
    assert client.get(f"/join/{token}/").status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"password1": "1234567890", "password2": "1234567890"},
        {"password2": "other"},
        {"username": ""},
        {"username": "ANA"},
        {"email": "Ana@example.com"},
    ],
)
def test_a_wrong_form_uses_nothing_up(client, member, wrong):
    link = invite()
    assert client.post(link, FORM | wrong).status_code == 200
    assert client.post(link, FORM).status_code == 302


@pytest.mark.parametrize(
    "extra", [{"role": "Administrator"}, {"is_superuser": "1"}, {"is_staff": "1"}, {"groups": "1"}]
)
def test_nobody_gives_themselves_another_role(client, extra):
    client.post(invite(Role.VIEWER), FORM | extra)
    member = User.objects.get(username="cleo")
    assert (member.role, member.is_staff, member.is_superuser) == (Role.VIEWER, False, False)


def test_the_address_of_the_invitation_is_the_members(client):
    client.post(invite(email="cleo@example.com"), FORM | {"email": "eve@example.com"})
    assert User.objects.get(username="cleo").email == "cleo@example.com"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_four_who_open_one_link_at_the_same_moment_one_gets_in(attempt):
    link, names = invite(), ["cleo", "dan", "eve", "fay"]
    said = race(lambda: Client().post(link, FORM | {"username": names.pop()}).status_code, 4)
    assert (sorted(said), User.objects.count()) == ([302, 404, 404, 404], 2)


@pytest.mark.parametrize(
    ("fields", "state"),
    [
        ({}, "open"),
        ({"used_at": timezone.now()}, "used"),
        ({"revoked_at": timezone.now()}, "revoked"),
        ({"expires_at": timezone.now()}, "expired"),
    ],
)
def test_the_list_says_how_each_stands(admin_desk, fields, state):
    invite(**fields)
    page = admin_desk.get(reverse("admin:team_invitation_changelist")).content.decode()
    assert f'<td class="field-state">{state}</td>' in page


def test_an_administrator_revokes_a_link(admin_desk, client):
    link = invite()
    chosen = {"action": "revoke", "_selected_action": Invitation.objects.get().pk}
    admin_desk.post(reverse("admin:team_invitation_changelist"), chosen)
    assert client.get(link).status_code == 404


def test_an_invitation_is_neither_changed_nor_deleted(admin_desk):
    invite()
    pages = [
        reverse(f"admin:team_invitation_{what}", args=[Invitation.objects.get().pk]) for what in ("change", "delete")
    ]
    assert [admin_desk.post(page, {"role": "Administrator"}).status_code for page in pages] == [403, 403]


def test_only_administrators_invite(desk):
    assert desk.post(ADD, {"role": Role.BUYER}).status_code in {302, 403}
    assert not Invitation.objects.exists()


def test_who_is_signed_in_already_becomes_the_new_member_in_this_browser(desk):
    make_user()
    desk.post(invite(Role.VIEWER), FORM)
    assert desk.get(reverse("orders:board")).context["user"].username == "cleo"
