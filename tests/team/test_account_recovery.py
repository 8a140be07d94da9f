"""The commands for who has locked themselves out."""

import time

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.auth.password_validation import validate_password
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from team.models import User
from team.roles import Role
from tests.factories import make_roles, make_user

pytestmark = pytest.mark.django_db

SIGN_IN, BOARD = reverse("account_login"), reverse("orders:board")
NEW = "four words are long"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture(autouse=True)
def forget_attempts():
    cache.clear()


@pytest.fixture
def run(capsys):
    def command(*words):
        call_command(*words)
        return capsys.readouterr().out.strip()

    return command


def choose(link, password=NEW, **extra):
    """Open the link, as a browser would, and choose a password there."""
    browser = Client(**extra)
    page = browser.get("/" + link.split("/", 3)[3], follow=True)
    form = page.redirect_chain[-1][0] if page.redirect_chain else page.request["PATH_INFO"]
    return browser, browser.post(form, {"password1": password, "password2": password})


def is_in(password=NEW, name="ana"):
    browser = Client()
    browser.post(SIGN_IN, {"login": name, "password": password})
    return browser.get(BOARD).status_code == 200


@pytest.mark.parametrize("name", ["ana", "ANA", "ana@example.com"])
def test_a_member_chooses_a_new_password_through_a_link(run, settings, member, name):
    link = run("reset_password", name)
    assert link.startswith(f"{settings.SITE_URL}/accounts/password/reset/key/")
    choose(link)
    assert (is_in(), is_in("a password")) == (True, False)


def test_the_link_works_once(run, member):
    link = run("reset_password", "ana")
    choose(link)
    choose(link, "another four words")
    assert is_in()


def test_the_link_works_for_an_hour(run, member):
    link = run("reset_password", "ana")
    with time_machine.travel(time.time() + 3601):
        choose(link)
    assert not is_in()


def test_the_link_of_one_is_not_the_link_of_another(run, member):
    make_user("ben")
    mine, theirs = run("reset_password", "ana"), run("reset_password", "ben")
    choose(theirs.replace(theirs.split("-")[-2].split("/")[-1], mine.split("-")[-2].split("/")[-1]))
    assert not is_in()


def test_the_link_itself_signs_nobody_in(run, member):
    browser, _answer = choose(run("reset_password", "ana"))
    assert browser.get(BOARD).status_code == 302


def test_a_second_factor_is_still_asked_for(run, member):
    TOTP.activate(member, SECRET)
    choose(run("reset_password", "ana"))
    assert not is_in()


def test_the_link_names_the_desk_whatever_host_is_asked_for(run, settings, member):
    settings.SITE_URL = "https://desk.example.com"
    assert run("reset_password", "ana").startswith("https://desk.example.com/accounts/")


def test_a_new_password_ends_every_session(run, desk):
    choose(run("reset_password", "ana"))
    assert desk.get(BOARD).status_code == 302


@pytest.mark.parametrize("command", ["reset_password", "reset_2fa"])
def test_a_name_that_nobody_has_is_said(command):
    with pytest.raises(CommandError, match="No members are called ana"):
        call_command(command, "ana")


def test_an_address_that_two_have_is_said(member):
    make_user("ben", email="ana@example.com")
    with pytest.raises(CommandError, match="2 members are called"):
        call_command("reset_password", "ana@example.com")


def test_there_is_no_link_for_an_account_that_is_switched_off():
    make_user("gone", is_active=False)
    with pytest.raises(CommandError, match="switched off"):
        call_command("reset_password", "gone")


def test_a_second_factor_is_taken_away_and_the_password_stays(run, member):
    TOTP.activate(member, SECRET)
    assert not is_in("a password")
    run("reset_2fa", "ana")
    assert is_in("a password")
    assert not Authenticator.objects.exists()


def test_an_administrator_is_made_and_chooses_the_password(run):
    make_roles()
    choose(run("createadmin", "root", "--email", "root@example.com"))
    assert User.objects.get().role == Role.ADMINISTRATOR
    assert is_in(name="root")


@pytest.mark.parametrize("name", ["ANA", "", "a b"])
def test_a_name_that_cannot_be_makes_nobody(member, name):
    with pytest.raises(CommandError):
        call_command("createadmin", name)
    assert User.objects.count() == 1


def test_the_page_for_who_forgot_says_whom_to_ask_and_sends_nothing(client, member):
    page = reverse("account_reset_password")
    assert "Ask an administrator" in client.get(page).content.decode()
    assert client.post(page, {"email": "ana@example.com"}).status_code == 405


# --- What a password must be


@pytest.mark.parametrize("word", ["correct horse", "пароль из слов", "x7" * 64, "    spaces too    "])
def test_length_is_what_counts(word):
    validate_password(word)


@pytest.mark.parametrize(
    "word",
    ["ninechars", "x7" * 64 + "x", "legitsmsdesk", "LegitSMS-Desk26", "1234567890", "ana@example.com", "password123"],
)
def test_a_password_that_is_guessed_first_is_refused(word, member):
    with pytest.raises(ValidationError):
        validate_password(word, member)


def test_passwords_are_hashed_with_argon2():
    from legitsms_site import settings

    assert settings.PASSWORD_HASHERS[0] == "django.contrib.auth.hashers.Argon2PasswordHasher"
