import pytest
from django.contrib.auth.hashers import MD5PasswordHasher
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.urls import reverse

from team.models import User
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("account_login")
BOARD = reverse("orders:board")


@pytest.fixture(autouse=True)
def forget_attempts():
    cache.clear()


def sign_in(browser, login="ana", password="a password", **fields):  # noqa: S107
    return browser.post(SIGN_IN, {"login": login, "password": password} | fields)


def is_signed_in(browser):
    return browser.get(BOARD).status_code == 200


@pytest.mark.parametrize("login", ["ana", "ana@example.com", "Ana@Example.com"])
def test_a_member_signs_in_by_name_or_email(client, member, login):
    assert sign_in(client, login).url == BOARD
    assert is_signed_in(client)


@pytest.mark.parametrize(("login", "password"), [("ana", "wrong"), ("nobody", "a password"), ("ana", ""), ("", "")])
def test_a_wrong_name_or_password_lets_nobody_in(client, member, login, password):
    assert sign_in(client, login, password).status_code == 200
    assert not is_signed_in(client)


def test_a_wrong_name_and_a_wrong_password_look_alike(client, member):
    told = [str(sign_in(client, *words).context["form"].errors) for words in (("ana", "wrong"), ("bob", "wrong"))]
    assert told[0] == told[1]


class Counted(MD5PasswordHasher):
    """Hashes, and counts how often."""

    times = 0

    def encode(self, password, salt):
        Counted.times += 1
        return super().encode(password, salt)


@pytest.mark.parametrize("login", ["ana", "ana@example.com", "nobody", "nobody@example.com", "gone"])
def test_a_wrong_password_costs_the_same_whoever_is_named(settings, client, member, login):
    make_user("gone", is_active=False)
    settings.PASSWORD_HASHERS = [f"{__name__}.Counted"]
    Counted.times = 0
    sign_in(client, login, "wrong")
    assert Counted.times == 1


def test_a_name_is_its_members_though_it_is_another_members_address(client):
    make_user("first", email="second")
    second = make_user("second")
    assert User.for_login("second") == second


def test_who_was_deactivated_does_not_get_in(client):
    make_user("gone", is_active=False)
    sign_in(client, "gone")
    assert not is_signed_in(client)


def test_guessing_passwords_is_slowed_down(client, member):
    [sign_in(client, "ana", "wrong") for _ in range(12)]
    sign_in(client)
    assert not is_signed_in(client)


def test_after_signing_in_a_member_is_where_they_wanted_to_be(client, member):
    assert sign_in(client, next="/orders/7/").url == "/orders/7/"


@pytest.mark.parametrize("place", ["https://evil.example/", "//evil.example", "javascript:alert(1)"])
def test_signing_in_leads_to_no_other_site(client, member, place):
    assert sign_in(client, next=place).url == BOARD


def test_nobody_signs_up_by_themselves(client):
    form = {"username": "eve", "email": "eve@example.com", "password1": "correct horse", "password2": "correct horse"}
    client.post(reverse("account_signup"), form)
    assert not User.objects.exists()


def test_signing_out_takes_a_post(client, member):
    sign_in(client)
    client.get(reverse("account_logout"))
    assert is_signed_in(client)
    client.post(reverse("account_logout"))
    assert not is_signed_in(client)


@pytest.mark.parametrize("name", ["account_login", "account_signup", "account_reset_password"])
def test_the_pages_before_the_sign_in_answer_a_visitor(client, name):
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["mfa_index", "usersessions_list", "account_change_password", "account_logout"])
def test_the_pages_of_an_account_answer_their_member(desk, name):
    assert desk.get(reverse(name)).status_code == 200


# --- Django admin is behind the same door


def test_a_visitor_of_admin_comes_to_our_own_sign_in(client):
    assert client.get(reverse("admin:index"), follow=True).redirect_chain[-1][0] == f"{SIGN_IN}?next=%2Fadmin%2F"


def test_a_member_who_is_no_administrator_does_not_see_a_second_sign_in(desk):
    assert desk.get(reverse("admin:login")).status_code == 403


@pytest.mark.parametrize(
    ("page", "door"), [("admin:password_change", "account_change_password"), ("admin:login", "admin:index")]
)
def test_what_admin_has_of_its_own_leads_to_the_door(admin_desk, page, door):
    assert admin_desk.get(reverse(page)).url == reverse(door)


def test_signing_out_of_admin_is_signing_out(admin_desk):
    assert admin_desk.post(reverse("admin:logout")).url == SIGN_IN
    assert not is_signed_in(admin_desk)


@pytest.mark.parametrize("path", ["mfa/authenticator/", "usersessions/usersession/", "socialaccount/socialtoken/"])
def test_admin_shows_no_key_of_a_session_and_no_secret(admin_desk, path):
    assert admin_desk.get(f"/admin/{path}").status_code == 404


@pytest.mark.parametrize("name", ["account_email", "account_set_password", "socialaccount_connections"])
def test_pages_of_allauth_that_lead_nowhere_here_lead_to_security(desk, name):
    assert desk.get(reverse(name)).url == reverse("mfa_index")


def test_two_members_have_no_name_in_common_whatever_the_case(member):
    with pytest.raises(ValidationError, match="Someone already has this name"):
        User(username="ANA", password="x").full_clean()


@pytest.mark.parametrize(("fields", "name"), [({"first_name": "Cleo"}, "Cleo"), ({}, "cleo7")])
def test_a_member_is_called_by_the_first_name_where_there_is_one(fields, name):
    assert make_user("cleo7", **fields).short_name == name
