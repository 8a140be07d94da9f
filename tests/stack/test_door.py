"""The second proof at the door, in a real browser."""

import re
import time

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import expect

from tests.stack.desk import PASSWORD

MEMBER = f"""
from allauth.mfa.models import Authenticator
from team.models import User
from team.roles import Role
User.objects.filter(username="carl").delete()
User.objects.create_user("carl", password="{PASSWORD}", first_name="Carl").take_role(Role.BUYER)
"""
PHONE = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def carl(desk, sit):
    """A new member, who is signed in and looks at the Security page."""
    desk.manage("shell", "-v0", "-c", MEMBER)
    seat = sit("carl")
    to_security(seat)
    return seat


def to_security(seat):
    seat.page.get_by_role("button", name="Carl: menu").click()
    seat.page.get_by_role("link", name="Security").click()
    expect(seat.page.get_by_role("heading", name="Security")).to_be_visible()


def confirm(page):
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Continue").click()


def sign_out(seat):
    seat.page.goto(f"{seat.url}/accounts/logout/")
    seat.page.get_by_role("button", name="Sign out").click()


def say_password(page):
    page.get_by_label("Email or username").fill("carl")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def code_of(secret, step=0):
    """What an authenticator app with this secret shows."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + step))


def is_in(page):
    expect(page.get_by_role("button", name="Live")).to_be_visible()


def test_an_app_and_its_recovery_codes_open_the_door(carl):
    page = carl.page
    page.get_by_role("link", name="Set up").click()
    confirm(page)
    secret = page.locator(".secret code").inner_text()
    page.get_by_label("The code that the app shows now").fill(code_of(secret))
    page.get_by_role("button", name="Turn on").click()
    spare = page.locator(".recovery code").first.inner_text()
    for code in (code_of(secret, step=1), spare):
        sign_out(carl)
        say_password(page)
        expect(page.get_by_role("heading", name="Second step")).to_be_visible()
        page.get_by_label(re.compile("Code from")).fill(code)
        page.get_by_role("button", name="Sign in").click()
        is_in(page)


def test_a_passkey_opens_the_door_alone_and_as_the_second_step(carl):
    page = carl.page
    devices = carl.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE})
    page.get_by_role("link", name="Add").click()
    confirm(page)
    page.get_by_label("Name").fill("Telephone")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    sign_out(carl)
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)
    sign_out(carl)
    say_password(page)
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    is_in(page)
    to_security(carl)
    expect(page.get_by_role("listitem").filter(has_text="Telephone")).to_be_visible()


def test_a_device_that_says_no_is_told_in_words(carl):
    page = carl.page
    devices = carl.context.new_cdp_session(page)
    devices.send("WebAuthn.enable")
    devices.send("WebAuthn.addVirtualAuthenticator", {"options": PHONE | {"isUserVerified": False}})
    sign_out(carl)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_role("alert")).to_have_text("No passkey was used. Try again, or go another way.")


def test_over_plain_http_the_page_says_that_passkeys_cannot_be_used(desk, sit):
    ana = sit("ana", url=f"http://desk.test:{desk.port}")
    ana.page.goto(f"{ana.url}/accounts/2fa/")
    expect(ana.page.get_by_text("Passkeys need https, or a desk at http://localhost.")).to_be_visible()
    expect(ana.page.get_by_role("link", name="Add")).to_be_hidden()
