import re
import time
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from orders.live import authentication
from team.models import Policy
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db

SIGN_IN, SECOND_STEP, BOARD = reverse("account_login"), reverse("mfa_authenticate"), reverse("orders:board")
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
AGAIN = reverse("account_reauthenticate")


@pytest.fixture(autouse=True)
def forget_attempts():
    cache.clear()


@pytest.fixture
def careful():
    """A member with an authenticator app and recovery codes."""
    return with_app(make_user("ana"))


def with_app(user):
    TOTP.activate(user, SECRET)
    RecoveryCodes.activate(user)
    return user


def code(step=0):
    """What the app shows now, or `step` half minutes later."""
    return format_hotp_value(hotp_value(SECRET, int(time.time()) // 30 + step))


def half_way(name="ana", **extra):
    """A browser in which the password was right, and the second step is asked for."""
    browser = Client(**extra)
    browser.post(SIGN_IN, {"login": name, "password": "a password"})
    return browser


def is_signed_in(browser):
    return browser.get(BOARD).status_code == 200


def signed_in(user, **extra):
    browser = Client(**extra)
    browser.force_login(user)
    return browser


def confirmed(user):
    """A browser in which the member has just said their password once more."""
    browser = signed_in(user)
    browser.post(AGAIN, {"password": "a password"})
    return browser


def test_a_password_alone_does_not_let_a_careful_member_in(careful):
    assert not is_signed_in(half_way())


def test_a_code_of_the_app_lets_them_in(careful):
    browser = half_way()
    assert browser.post(SECOND_STEP, {"code": code()}).url == BOARD
    assert is_signed_in(browser)


@pytest.mark.parametrize(("step", "is_in"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_telephones_clock_may_be_half_a_minute_off(careful, step, is_in):
    browser = half_way()
    browser.post(SECOND_STEP, {"code": code(step)})
    assert is_signed_in(browser) is is_in


def test_a_code_opens_once_as_long_as_it_would_be_right(careful):
    now = time.time() // 30 * 30
    with time_machine.travel(now, tick=False) as clock:
        half_way().post(SECOND_STEP, {"code": code(1)})
        clock.shift(timedelta(seconds=59))
        browser = half_way()
        browser.post(SECOND_STEP, {"code": code(0)})
        assert not is_signed_in(browser)


def test_a_recovery_code_opens_once(careful):
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    first, second = half_way(), half_way()
    assert first.post(SECOND_STEP, {"code": spare}).url == BOARD
    second.post(SECOND_STEP, {"code": spare})
    assert (is_signed_in(first), is_signed_in(second)) == (True, False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("kind", ["app", "recovery code"])
def test_of_two_browsers_that_send_one_code_at_the_same_time_one_gets_in(kind):
    with_app(make_user("ana"))
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()[0]
    browsers, start = [half_way(), half_way()], Barrier(2)
    sent = code() if kind == "app" else spare

    def send(browser):
        start.wait()
        browser.post(SECOND_STEP, {"code": sent})
        connection.close()

    threads = [Thread(target=send, args=[browser]) for browser in browsers]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(is_signed_in(browser) for browser in browsers) == [False, True]


def test_guessing_codes_is_slowed_down(careful):
    browser = half_way()
    answers = [browser.post(SECOND_STEP, {"code": "000000"}).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    assert browser.post(SECOND_STEP, {"code": code()}).status_code == 429


@pytest.mark.parametrize("right", ["password", "code"])
def test_the_key_of_a_session_changes_with_every_step(careful, right):
    browser = Client()
    browser.get(reverse("mfa_login_webauthn"), headers={"Accept": "application/json"})
    keys = [browser.session.session_key]
    browser.post(SIGN_IN, {"login": "ana", "password": "a password"})
    browser.post(SECOND_STEP, {"code": code()})
    assert is_signed_in(browser)
    assert browser.session.session_key not in keys


# --- Setting one up


@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_what_changes_the_door_asks_for_the_password_again(desk, name):
    assert desk.get(reverse(name)).url.startswith(AGAIN)


def test_the_password_is_asked_for_again_after_half_an_hour(member):
    browser = confirmed(member)
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    with time_machine.travel(time.time() + 30 * 60 + 1):
        assert browser.get(reverse("mfa_activate_totp")).url.startswith(AGAIN)


def test_an_app_is_set_up_with_its_first_code_and_recovery_codes_follow(member):
    browser = confirmed(member)
    secret = browser.get(reverse("mfa_activate_totp")).context["form"].secret
    first = format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    answer = browser.post(reverse("mfa_activate_totp"), {"code": first}, follow=True)
    assert len(re.findall(r"<li><code>\d{8}</code></li>", answer.content.decode())) == 10


def test_recovery_codes_are_shown_once(careful):
    browser = confirmed(careful)
    spare = Authenticator.objects.get(type="recovery_codes").wrap().get_unused_codes()
    shown = [browser.get(reverse("mfa_view_recovery_codes")).content.decode() for _ in range(2)]
    assert [[code in page for code in spare] for page in shown] == [[True] * 10, [False] * 10]


def test_the_qr_code_is_an_image_in_the_page(member):
    assert 'src="data:image/svg+xml;base64,' in confirmed(member).get(reverse("mfa_activate_totp")).content.decode()


def test_an_app_is_removed_only_by_who_confirms(careful):
    remove = reverse("mfa_deactivate_totp")
    signed_in(careful).post(remove)
    assert Authenticator.objects.filter(user=careful, type="totp").exists()
    confirmed(careful).post(remove)
    assert not Authenticator.objects.filter(user=careful).exists()


@pytest.mark.parametrize(
    "name", ["mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes", "usersessions_list"]
)
def test_no_page_has_a_script_of_its_own_in_it(member, name):
    page = confirmed(member).get(reverse(name)).content.decode()
    inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag and "application/json" not in tag]
    assert inline == []
    assert not re.search(r"\son\w+=|style=", page)


# --- Required of administrators


@pytest.fixture
def required():
    policy = Policy.current()
    policy.administrators_need_2fa = True
    policy.save()


PAGES = [BOARD, reverse("admin:index"), reverse("orders:buy")]


@pytest.mark.parametrize("page", PAGES)
def test_an_administrator_without_a_second_factor_is_led_to_set_one_up(required, page):
    assert signed_in(make_administrator()).get(page).url == f"{reverse('mfa_index')}?required"


def test_under_htmx_the_whole_page_is_led_there(required):
    answer = signed_in(make_administrator(), headers={"HX-Request": "true"}).get(BOARD)
    assert answer["HX-Redirect"] == f"{reverse('mfa_index')}?required"


def test_they_can_set_one_up_and_go_on(required):
    administrator = make_administrator()
    browser = confirmed(administrator)
    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
    with_app(administrator)
    assert browser.get(BOARD).status_code == 200


def test_they_can_sign_out(required):
    assert signed_in(make_administrator()).post(reverse("account_logout")).url == SIGN_IN


def test_recovery_codes_alone_are_no_second_factor(required):
    administrator = make_administrator()
    RecoveryCodes.activate(administrator)
    assert signed_in(administrator).get(BOARD).status_code == 302


def test_a_stream_is_not_for_an_administrator_without_one(required):
    browser = signed_in(make_administrator())
    assert not authentication.viewer({"cookie": f"session={browser.cookies['session'].value}"})


@pytest.mark.parametrize("make", [make_user, make_administrator])
def test_nobody_else_is_led_there(make, request):
    if make is make_user:
        request.getfixturevalue("required")
    assert signed_in(make()).get(BOARD).status_code == 200


# --- What the database keeps of it


@pytest.fixture
def keys(settings):
    settings.FIELD_ENCRYPTION_KEYS = ["o" * 32]
    return settings


def test_the_database_gives_no_secret_away(careful):
    kept = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert SECRET not in kept
    assert "gAAAA" in kept


def test_a_new_key_takes_over_what_the_old_one_encrypted(keys, careful):
    keys.FIELD_ENCRYPTION_KEYS = ["n" * 32, "o" * 32]
    call_command("rotate_keys")
    keys.FIELD_ENCRYPTION_KEYS = ["n" * 32]
    assert half_way().post(SECOND_STEP, {"code": code()}).url == BOARD


def test_who_lost_the_key_is_told_so_and_not_let_in(keys, careful):
    keys.FIELD_ENCRYPTION_KEYS = ["n" * 32]
    browser = half_way()
    assert "The desk lost the key" in browser.post(SECOND_STEP, {"code": code()}).content.decode()
    assert not is_signed_in(browser)
