import re
from datetime import timedelta

import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from team.templatetags.browsers import browser as named
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SIGN_IN, BOARD, SESSIONS = reverse("account_login"), reverse("orders:board"), reverse("usersessions_list")


@pytest.fixture(autouse=True)
def forget_attempts():
    cache.clear()


def browser_of(user, password="a password", **fields):  # noqa: S107
    browser = Client(headers={"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:142.0) Gecko/20100101 Firefox/142.0"})
    browser.post(SIGN_IN, {"login": user.username, "password": password} | fields)
    return browser


def is_signed_in(browser):
    return browser.get(BOARD).status_code == 200


@pytest.mark.parametrize(("fields", "lasts"), [({}, timedelta(hours=12)), ({"remember": "on"}, timedelta(days=14))])
def test_a_session_lasts_as_long_as_was_asked_for(member, fields, lasts):
    browser = browser_of(member, **fields)
    signed_in_at = timezone.now()
    with time_machine.travel(signed_in_at + lasts - timedelta(minutes=1)):
        assert is_signed_in(browser)
    with time_machine.travel(signed_in_at + lasts + timedelta(minutes=1)):
        assert not is_signed_in(browser)


@pytest.mark.parametrize("path", ["/", "/orders/banner/", "/catalog/"])
def test_looking_at_pages_does_not_make_a_session_last_longer(member, path):
    browser = browser_of(member)
    signed_in_at = timezone.now()
    with time_machine.travel(signed_in_at + timedelta(hours=11)):
        browser.get(path, headers={"HX-Request": "true"})
    with time_machine.travel(signed_in_at + timedelta(hours=13)):
        assert not is_signed_in(browser)


def test_without_the_tick_a_session_ends_with_the_browser(member):
    assert browser_of(member).cookies["session"]["max-age"] == ""


def test_the_key_changes_at_the_sign_in(member):
    browser = Client()
    browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    before = browser.session.session_key
    browser.post(SIGN_IN, {"login": "ana", "password": "a password"})
    assert before
    assert browser.session.session_key != before
    assert not Client().session.exists(before)


def test_a_new_password_changes_the_key_and_ends_every_other_session(member):
    here, there = browser_of(member), browser_of(member)
    before = here.session.session_key
    words = {"oldpassword": "a password", "password1": "four words are long", "password2": "four words are long"}
    here.post(reverse("account_change_password"), words)
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)
    assert here.session.session_key != before


def test_a_member_sees_where_they_are_signed_in(member):
    here, _there = browser_of(member), browser_of(member)
    page = re.sub(r"\s*\n\s*", "", here.get(SESSIONS).content.decode())
    counts = [page.count(each) for each in ("Firefox on Linux</b>", "Firefox on Linux<span", ">this browser<")]
    assert counts == [1, 1, 1]


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari on iPhone"),
        ("Mozilla/5.0 (Linux; Android 16) Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("", "Another browser"),
    ],
)
def test_a_browser_is_called_what_people_call_it(user_agent, name):
    assert named(user_agent) == name


def test_one_session_is_ended_from_another(member):
    here, there = browser_of(member), browser_of(member)
    other = UserSession.objects.get(session_key=there.session.session_key)
    here.post(reverse("team:session_end", args=[other.pk]))
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_all_others_are_ended_at_once(member):
    here, there = browser_of(member), browser_of(member)
    here.post(SESSIONS)
    assert (is_signed_in(here), is_signed_in(there)) == (True, False)


def test_a_strangers_session_is_not_there(member):
    stranger = browser_of(make_user("cleo"))
    theirs = UserSession.objects.get(session_key=stranger.session.session_key)
    assert browser_of(member).post(reverse("team:session_end", args=[theirs.pk])).status_code == 404
    assert is_signed_in(stranger)


def test_a_session_is_ended_by_a_post(desk):
    assert desk.get(reverse("team:session_end", args=[1])).status_code == 405


def test_signing_out_throws_away_what_the_browser_kept(member):
    assert browser_of(member).post(reverse("account_logout"))["Clear-Site-Data"] == '"cache"'
