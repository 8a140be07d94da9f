"""A desk behind the nginx of docs/reverse-proxy.md, as its team opens it: https, HTTP/2, live."""

import re

import pytest
from playwright.sync_api import expect

from tests.stack.conftest import Seat
from tests.stack.desk import MEMBERS, Desk, eventually, free_port
from tests.stack.proxy import Proxy
from tests.stack.test_two_members import buy, newest_order

LISTED = "/catalog/search/services/?service_text=never"


@pytest.fixture(scope="module")
def behind(tmp_path_factory):
    """A desk that people reach through the proxy alone, and its address."""
    folder, port = tmp_path_factory.mktemp("proxied"), free_port()
    url = f"https://localhost:{port}"
    desk = Desk(folder, speed=10)
    desk.environment |= {"SITE_URL": url, "TRUSTED_PROXIES": "1"}
    desk.start()
    desk.manage("shell", "-v0", "-c", MEMBERS)
    proxy = Proxy(folder / "nginx", port, desk.port)
    yield desk, url
    proxy.stop()
    desk.stop()


@pytest.fixture
def seat(behind, browser):
    desk, url = behind
    seats = []

    def take(name, **more):
        context = browser.new_context(viewport={"width": 1280, "height": 900}, ignore_https_errors=True, **more)
        seats.append(Seat(desk, context, name, url))
        return seats[-1]

    yield take
    complaints = [complaint for each in seats for complaint in each.complaints]
    for each in seats:
        each.context.close()
    assert complaints == []


def test_a_purchase_and_its_code_arrive_live_through_the_proxy(behind, seat):
    desk, url = behind
    ana, ben = seat("ana"), seat("ben")
    eventually(lambda: "never delivers" in ana.page.request.get(f"{url}{LISTED}").text())
    ana.page.goto(f"{url}/buy/")
    buy(ana.page, "Sandbox: never delivers")
    theirs = ben.page.get_by_role("article").first
    expect(theirs).to_contain_text(re.compile(r"\+1 \d{3}-\d{3}-\d{4}"))
    desk.control("deliver", id=newest_order(desk), text="445566")
    expect(theirs.get_by_text("445566")).to_be_visible()


def test_the_browser_speaks_http_2_with_it(seat, behind):
    ana = seat("ana")
    assert ana.page.evaluate("performance.getEntriesByType('navigation')[0].nextHopProtocol") == "h2"


def test_every_cookie_belongs_to_this_host_alone_and_no_script_reads_one(seat):
    cookies = seat("ana").context.cookies()
    assert {cookie["name"] for cookie in cookies} == {"__Host-session", "__Host-csrf"}
    assert {(cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) for cookie in cookies} == {(True, True, "Lax")}


@pytest.mark.parametrize("path", ["/", "/static/desk/css/base.css", "/not/there", "/events/", "/healthz"])
def test_every_answer_says_that_this_host_speaks_https_only(behind, browser, path):
    _desk, url = behind
    context = browser.new_context(ignore_https_errors=True)  # signed out, so that the stream ends at once
    said = context.request.get(f"{url}{path}").headers
    context.close()
    assert said["strict-transport-security"].startswith("max-age=31536000")
    assert said["cross-origin-resource-policy"] == "same-origin"
    assert "script-src 'self'" in said["content-security-policy"]


def test_the_address_of_a_member_is_the_one_that_the_proxy_saw(seat, behind):
    _desk, url = behind
    ana = seat("ana", extra_http_headers={"X-Forwarded-For": "6.6.6.6", "X_Forwarded_For": "6.6.6.7"})
    ana.page.goto(f"{url}/accounts/sessions/")
    mine = ana.page.get_by_role("listitem").filter(has_text="this browser")
    expect(mine).to_contain_text("127.0.0.1")
    expect(mine).not_to_contain_text("6.6.6")
