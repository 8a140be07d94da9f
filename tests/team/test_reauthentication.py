"""Who changes what others may do, see or spend has just proved who they are."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from team.models import Limit, Policy, User
from team.reauthentication import NOT_SAVED_MESSAGE
from team.roles import Role
from tests.conftest import confirmed, signed_in
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db
KEY = "CANARY-7f3a51c09e"
ASKS = reverse("account_reauthenticate")
LONG = timedelta(minutes=31)


@pytest.fixture
def administrator():
    return make_administrator()


@pytest.fixture
def pages(administrator):
    """Each page that wants a proof."""
    Limit.objects.create(role=Role.BUYER, quantity=3)
    role = administrator.groups.get()
    return [
        *(reverse(f"admin:{model}_add") for model in ("team_user", "team_limit", "team_invitation")),
        reverse("admin:team_user_change", args=[administrator.pk]),
        reverse("admin:auth_user_password_change", args=[administrator.pk]),
        reverse("admin:auth_group_change", args=[role.pk]),
        reverse("admin:team_policy_change", args=[Policy.current().pk]),
        reverse("admin:team_limit_change", args=[Limit.objects.get().pk]),
        reverse("admin:team_limit_delete", args=[Limit.objects.get().pk]),
        reverse("admin:provider_apikey_change", args=[1]),
        reverse("orders:offboard", args=[administrator.pk]),
    ]


def test_whoever_opens_such_a_page_is_asked_who_they_are(administrator, pages):
    browser = signed_in(administrator)
    assert {browser.get(page).url.partition("?")[0] for page in pages} == {ASKS}


def test_who_has_just_said_so_is_not_asked(administrator, pages):
    browser = confirmed(administrator)
    assert {browser.get(page).status_code for page in pages} == {200}


def test_half_an_hour_later_they_are_asked_again(administrator, pages):
    browser = confirmed(administrator)
    with time_machine.travel(timezone.now() + LONG):
        assert browser.get(pages[0]).url.startswith(ASKS)


def test_what_is_sent_without_a_proof_is_kept_nowhere(administrator, pages):
    browser = signed_in(administrator)
    answers = [browser.post(page, {"new_key": KEY, "password1": KEY}) for page in pages]
    assert {answer.url.partition("?")[0] for answer in answers} == {ASKS}
    assert KEY not in str(dict(browser.session.items()))


@pytest.mark.parametrize("action", ["sign_out", "let_in_again"])
def test_an_action_on_a_list_wants_a_proof_too(administrator, action):
    gone = make_user(is_active=False)
    words = {"action": action, "_selected_action": gone.pk}
    assert signed_in(administrator).post(reverse("admin:team_user_changelist"), words).url.startswith(ASKS)
    assert not User.objects.get(pk=gone.pk).is_active


def test_a_list_is_open_to_look_at(administrator):
    assert signed_in(administrator).get(reverse("admin:team_user_changelist")).status_code == 200


def test_after_the_proof_the_page_is_there_and_still_to_be_filled_in(administrator):
    browser, page = signed_in(administrator), reverse("admin:team_limit_add")
    asked = browser.post(page, {"role": Role.BUYER, "quantity": 3}).url
    assert NOT_SAVED_MESSAGE in browser.get(asked).content.decode()
    assert browser.post(asked, {"password": "a password", "next": page}).url == page
    assert (browser.get(page).status_code, Limit.objects.count()) == (200, 0)


def test_who_may_not_is_refused_and_not_asked(member, pages):
    browser = signed_in(member)
    assert not [page for page in pages if browser.get(page).headers.get("Location", "").startswith(ASKS)]
