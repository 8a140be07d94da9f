import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

SIGN_IN = reverse("account_login")
FORM = {"login": "ana", "password": "a password"}


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def token(browser):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', browser.get(SIGN_IN).content.decode())[1]


def test_a_form_with_its_token_is_taken(browser, member):
    assert browser.post(SIGN_IN, FORM | {"csrfmiddlewaretoken": token(browser)}).status_code == 302


@pytest.mark.parametrize("sent", [{}, {"csrfmiddlewaretoken": "x" * 64}])
def test_a_form_without_one_changes_nothing_and_says_what_to_do(browser, member, sent):
    answer = browser.post(SIGN_IN, FORM | sent, headers={"Origin": settings.SITE_URL})
    assert answer.status_code == 403
    assert "Your session has changed" in answer.content.decode()


def test_a_form_from_elsewhere_names_both_addresses(browser, member):
    sent = FORM | {"csrfmiddlewaretoken": token(browser)}
    answer = browser.post(SIGN_IN, sent, headers={"Origin": "https://desk.example.com"})
    page = answer.content.decode()
    assert answer.status_code == 403
    assert "<code>https://desk.example.com</code>" in page
    assert f"<code>{settings.SITE_URL}</code>" in page


def test_what_is_named_is_text(browser):
    answer = browser.post(SIGN_IN, FORM, headers={"Origin": "<script>alert(1)</script>"})
    assert "<script>alert" not in answer.content.decode()


def test_under_htmx_an_old_token_loads_the_page_anew(browser):
    answer = browser.post(SIGN_IN, FORM, headers={"HX-Request": "true", "Origin": settings.SITE_URL})
    assert (answer.status_code, answer["HX-Refresh"], answer.content) == (403, "true", b"")


def test_under_htmx_another_address_is_said_in_one_line(browser):
    answer = browser.post(SIGN_IN, FORM, headers={"HX-Request": "true", "Origin": "https://evil.example"})
    assert "HX-Refresh" not in answer
    assert answer["Content-Type"] == "text/plain"


def test_no_message_has_a_cookie_of_its_own():
    assert settings.MESSAGE_STORAGE == "django.contrib.messages.storage.session.SessionStorage"
