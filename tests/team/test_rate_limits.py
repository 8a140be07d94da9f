import time

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client, RequestFactory
from django.urls import reverse

from team import client_address
from tests.factories import make_user

pytestmark = pytest.mark.django_db

SIGN_IN, BOARD = reverse("account_login"), reverse("orders:board")
SLOWLY = 3  # seconds between two tries, so that only failures are counted and not how fast they come


@pytest.fixture(autouse=True)
def forget_attempts():
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(time.time(), tick=False) as moved:
        yield moved


def sign_in(login="ana", password="wrong", **extra):  # noqa: S107
    return Client().post(SIGN_IN, {"login": login, "password": password}, **extra)


def fail(clock, times, *, login="ana", **extra):
    """The statuses of so many wrong passwords, one every few seconds."""
    statuses = []
    for _ in range(times):
        clock.shift(SLOWLY)
        statuses.append(sign_in(login, **extra).status_code)
    return statuses


def test_the_eleventh_wrong_password_of_an_account_is_not_even_looked_at(member, clock):
    assert fail(clock, 11) == [200] * 10 + [429]


def test_the_right_password_is_refused_for_as_long_as_is_said(member, clock):
    fail(clock, 10)
    refused = sign_in(password="a password")
    wait = int(refused["Retry-After"])
    assert (refused.status_code, 800 < wait <= 900) == (429, True)
    clock.shift(wait - 1)
    assert sign_in(password="a password").status_code == 429
    clock.shift(2)
    assert sign_in(password="a password").url == BOARD


def test_who_is_refused_is_told_when_to_come_back(member, clock):
    fail(clock, 10)
    assert "You can try again in 15 minutes." in sign_in().content.decode()


def test_trying_a_locked_account_on_and_on_locks_nobody_else(member, colleague, clock):
    fail(clock, 40)
    assert sign_in("ben", "a password").url == BOARD


def test_an_address_that_fails_twenty_times_an_hour_waits_whoever_it_tries(member, clock):
    statuses = [fail(clock, 1, login=f"nobody{number}")[0] for number in range(21)]
    assert statuses == [200] * 20 + [429]
    assert sign_in("ana", "a password", REMOTE_ADDR="10.0.0.9").url == BOARD


@pytest.mark.parametrize("other", ["ANA", "ana@example.com", " ana "])
def test_one_account_has_one_count_whatever_it_is_called(member, clock, other):
    fail(clock, 10)
    assert sign_in(other, "a password").status_code == 429


def test_the_count_is_the_same_whatever_host_is_named(member, clock):
    hosts = [f"localhost:{8000 + number}" for number in range(11)]
    assert [fail(clock, 1, headers={"Host": host})[0] for host in hosts] == [200] * 10 + [429]


def test_who_does_not_exist_is_locked_like_who_does(member, clock):
    assert fail(clock, 11, login="nobody") == [200] * 10 + [429]


def test_confirming_who_is_there_counts_too(desk, clock):
    answers = []
    for _ in range(11):
        clock.shift(7)
        answers.append(desk.post(reverse("account_reauthenticate"), {"password": "wrong"}).status_code)
    assert answers == [200] * 10 + [429]


# --- Where a request comes from


def seen(settings, header, proxies, connection="192.0.2.1"):
    settings.TRUSTED_PROXIES = proxies
    headers = {"X-Forwarded-For": header} if header else {}
    return client_address.address(RequestFactory(REMOTE_ADDR=connection).get("/", headers=headers))


@pytest.mark.parametrize(
    ("header", "proxies", "address"),
    [
        ("1.1.1.1", 0, "192.0.2.1"),
        ("1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1", 1, "1.1.1.1"),
        ("6.6.6.6, 1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("1.1.1.1:4711", 1, "1.1.1.1"),
        ("[2001:db8::1]:4711", 1, "2001:db8::1"),
        ("2001:db8::1", 1, "2001:db8::1"),
        ("1.1.1.1", 2, "192.0.2.1"),  # fewer than there are proxies: this one did not come through them
        ("unknown", 1, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
    ],
)
def test_only_what_our_own_proxies_saw_is_believed(settings, header, proxies, address):
    assert seen(settings, header, proxies) == address


def test_a_connection_without_an_address_is_answered(settings):
    assert seen(settings, "", 0, connection="") == client_address.UNKNOWN


@pytest.mark.parametrize(("proxies", "made_up"), [(0, "{n}.1.1.1"), (1, "{n}.1.1.1, 192.0.2.7")])
def test_a_hundred_made_up_addresses_are_one(settings, clock, proxies, made_up):
    settings.TRUSTED_PROXIES = proxies
    statuses = [
        fail(clock, 1, login=f"nobody{n}", headers={"X-Forwarded-For": made_up.format(n=n)})[0] for n in range(100)
    ]
    assert statuses == [200] * 20 + [429] * 80


def test_behind_a_proxy_each_visitor_has_a_count_of_their_own(settings, clock):
    settings.TRUSTED_PROXIES = 1
    make_user("ana")
    fail(clock, 21, login="nobody", headers={"X-Forwarded-For": "203.0.113.5"})
    assert sign_in("ana", "a password", headers={"X-Forwarded-For": "203.0.113.6"}).url == BOARD
