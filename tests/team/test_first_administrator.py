from errno import ENOSPC
from unittest.mock import Mock

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from team import first_administrator
from team.models import User
from tests.factories import make_administrator, make_roles, make_user
from tests.racing import race

pytestmark = pytest.mark.django_db

FORM = {"username": "root", "email": "root@example.com", "password1": "correct horse", "password2": "correct horse"}


@pytest.fixture(autouse=True)
def token(settings, data_dir):
    settings.FIRST_ADMINISTRATOR_TOKEN = data_dir / "first_administrator_token"
    return settings.FIRST_ADMINISTRATOR_TOKEN


@pytest.fixture
def door(settings):
    """The path of the one-time link."""
    return first_administrator.link().removeprefix(settings.SITE_URL)


def start(capsys):
    call_command("first_administrator")
    return capsys.readouterr().out.strip()


def test_a_first_start_says_where_the_administrator_is_made(capsys, settings):
    said = start(capsys)
    assert said.startswith(f"Create the first administrator: {settings.SITE_URL}/first-administrator/")


def test_a_first_start_goes_on_where_its_words_have_no_room():
    full = Mock(**{"write.side_effect": OSError(ENOSPC, "no room")})
    call_command("first_administrator", stdout=full)
    assert full.write.called


def test_a_second_start_says_the_same(capsys):
    assert start(capsys) == start(capsys)


def test_nobody_else_on_the_machine_can_read_the_link(capsys, token):
    start(capsys)
    assert token.stat().st_mode & 0o777 == 0o600


def test_with_an_administrator_nothing_is_said(capsys):
    make_administrator()
    assert start(capsys) == ""


def test_the_administrator_of_the_environment_is_made(capsys, settings):
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "root", "correct horse"
    start(capsys)
    user = User.objects.get()
    assert (user.username, user.is_superuser, user.is_staff, user.check_password("correct horse")) == (
        "root",
        True,
        True,
        True,
    )


def test_the_password_of_the_environment_is_not_said(capsys, settings):
    settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD = "root", "correct horse"
    assert "correct" not in start(capsys)


def test_the_link_shows_a_form_to_a_visitor(client, door):
    assert client.get(door).status_code == 200


def test_the_link_makes_an_administrator_and_signs_in(client, door):
    assert client.post(door, FORM).url == reverse("orders:board")
    user = User.objects.get()
    assert (user.username, user.is_staff, [group.name for group in user.groups.all()]) == (
        "root",
        True,
        ["Administrator"],
    )
    assert client.get(reverse("admin:index")).status_code == 200


def test_the_link_works_once(client, door):
    client.post(door, FORM)
    assert client.post(door, FORM | {"username": "second"}).status_code == 404
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", [["root", "toor", "boss"], ["root"] * 3])
def test_of_three_who_use_the_link_at_the_same_moment_one_becomes_the_administrator(door, names):
    make_roles()
    names = list(names)
    said = race(lambda: Client().post(door, FORM | {"username": names.pop()}).status_code, 3)
    assert (said.count(302), User.objects.count()) == (1, 1)


def test_the_link_is_dead_once_there_is_an_administrator(client, door):
    make_administrator()
    assert client.get(door).status_code == 404


def test_an_ordinary_member_does_not_close_the_door(client, door):
    make_user()
    assert client.get(door).status_code == 200


@pytest.mark.parametrize("token", ["wrong", "é", "%00", "x" * 500])
def test_a_guessed_link_is_not_found(client, door, token):
    assert client.get(f"/first-administrator/{token}/").status_code == 404


def test_no_link_is_good_before_one_was_made(client):
    assert client.get("/first-administrator/x/").status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"password1": "12345678", "password2": "12345678"}, {"password2": "other"}, {"username": ""}]
)
def test_a_weak_or_mistyped_form_makes_nobody(client, door, wrong):
    assert client.post(door, FORM | wrong).status_code == 200
    assert not User.objects.exists()
