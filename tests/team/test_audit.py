import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from provider.models import ApiKey
from team import audit
from team.models import Policy
from team.roles import Role
from tests.conftest import signed_in
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
PASSWORD = "a password"
TRAIL = "/admin/auditlog/logentry/"


def last():
    return LogEntry.objects.order_by("pk").last()


def said(entry):
    return entry.additional_data["what"]


def sign_in(name, password=PASSWORD, **extra):
    browser = Client(**extra)
    browser.post(reverse("account_login"), {"login": name, "password": password})
    return browser


# --- Who signed in


def test_a_sign_in_is_kept_with_its_address(member):
    sign_in("ana", REMOTE_ADDR="192.0.2.7")
    assert (said(last()), last().actor, last().object_repr, last().remote_addr) == (
        "signed in",
        member,
        "ana",
        "192.0.2.7",
    )


def test_a_sign_out_is_kept(member):
    signed_in(member).post(reverse("account_logout"))
    assert (said(last()), last().actor) == ("signed out", member)


@pytest.mark.parametrize("name", ["ana", "nobody", "<b>x</b>"])
def test_a_failed_sign_in_is_kept_whoever_it_was(member, name):
    sign_in(name, "wrong")
    kept = LogEntry.objects.filter(actor=None, action=LogEntry.Action.ACCESS)
    assert [said(entry) for entry in kept] == ["sign-in failed"]


def test_a_failed_sign_in_of_a_member_is_kept_under_the_member(member):
    sign_in("ana", "wrong")
    assert (said(last()), last().object_pk, last().actor) == ("sign-in failed", str(member.pk), None)


def test_no_password_stands_in_the_trail(member):
    sign_in("ana", "CANARY-password")
    member.set_password("CANARY-password")
    member.save()
    everything = str(list(LogEntry.objects.values()))
    assert "CANARY" not in everything
    assert member.password not in everything


def test_an_address_that_the_visitor_made_up_is_not_believed(member):
    sign_in("ana", REMOTE_ADDR="192.0.2.7", HTTP_X_FORWARDED_FOR="6.6.6.6")
    assert last().remote_addr == "192.0.2.7"


# --- Who changed what


def test_a_changed_role_is_kept(member):
    member.take_role(Role.VIEWER)
    changes = [entry.changes_dict for entry in LogEntry.objects.filter(object_pk=member.pk)]
    assert any("groups" in change and change["groups"]["objects"] == ["Viewer"] for change in changes)


def test_a_changed_right_of_a_role_is_kept(member):
    Group.objects.get(name=Role.BUYER).permissions.clear()
    assert last().content_type.model == "group"


def test_a_changed_policy_is_kept_with_both_values():
    policy = Policy.current()
    policy.keep_days = 30
    policy.save()
    assert last().changes_dict["keep_days"] == ["0", "30"]


def test_a_new_password_is_kept_without_it(member):
    member.set_password("another password")
    member.save()
    assert last().changes_dict == {"password": ["•••", "•••"]}


def test_a_changed_key_is_kept_by_its_last_characters():
    ApiKey.current().replace("CANARY-key-4f2a", make_administrator())
    assert last().changes_dict["ending"] == ["", "4f2a"]
    assert "CANARY" not in str(list(LogEntry.objects.values()))


def test_a_sign_in_alone_changes_nothing_about_the_member(member):
    changes = LogEntry.objects.filter(object_pk=member.pk, action=LogEntry.Action.UPDATE)
    before = changes.count()
    sign_in("ana")
    assert changes.count() == before


def test_what_an_administrator_does_is_kept_under_their_name(admin_desk):
    terms = {"buyers_act_on": "own", "codes_masked_after": "24", "keep_days": "0"}
    admin_desk.post(f"/admin/team/policy/{Policy.current().pk}/change/", terms)
    assert (last().actor.is_superuser, last().changes_dict["buyers_act_on"]) == (True, ["team", "own"])


# --- In the admin


def test_an_administrator_reads_the_trail(admin_desk, member):
    sign_in("ana")
    page = admin_desk.get(TRAIL).content.decode()
    assert "signed in" in page


def test_an_entry_is_shown_whole(admin_desk, member):
    member.take_role(Role.VIEWER)
    assert admin_desk.get(f"{TRAIL}{last().pk}/change/").status_code == 200


@pytest.mark.parametrize("what", ["add/", "{}/delete/", "{}/change/"])
def test_nobody_changes_the_trail(admin_desk, member, what):
    member.take_role(Role.VIEWER)
    written = LogEntry.objects.filter(pk__lte=last().pk)
    before = list(written.values())
    response = admin_desk.post(f"{TRAIL}{what.format(last().pk)}", {"post": "yes", "object_repr": "someone else"})
    assert (response.status_code, list(written.values())) == (403, before)


def test_the_trail_offers_no_deleting_of_many(admin_desk, member):
    sign_in("ana")
    body = {"action": "delete_selected", "_selected_action": [last().pk], "post": "yes"}
    admin_desk.post(TRAIL, body)
    assert LogEntry.objects.filter(additional_data__what="signed in").exists()


def test_hostile_names_are_escaped_in_the_trail(admin_desk):
    audit.record("sign-in failed", name="<script>alert(1)</script>")
    assert "<script>alert(1)" not in admin_desk.get(TRAIL).content.decode()


def test_a_buyer_does_not_read_the_trail(desk):
    assert desk.get(TRAIL).status_code in {302, 403}


def test_a_member_without_history_is_noted_by_name():
    audit.record("sign-in failed", name="n" * 500)
    assert len(last().object_repr) == audit.MAX_NAME_LENGTH


def test_a_deed_about_a_member_is_noted_with_who_did_it():
    administrator = make_administrator()
    audit.record("exported the history", about=make_user("ben"), actor=administrator)
    assert (said(last()), last().object_repr, last().actor) == ("exported the history", "ben", administrator)
