"""Every page in a real browser: nothing that axe objects to, in either theme, wide or narrow, and a silent console."""

from collections import defaultdict

import pytest
from axe_playwright_python.base import AXE_SCRIPT

from tests.stack.gallery import Gallery, Shown, error_page

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOOKS = """async ([theme, options]) => { // preloading would write style sheets into the page, which the policy forbids
  document.documentElement.setAttribute("data-bs-theme", theme);
  document.documentElement.setAttribute("data-theme", theme); // Django admin's own
  for (const animation of document.getAnimations()) animation.cancel();
  const found = await axe.run({ resultTypes: ["violations"], preload: false, ...options });
  return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0].html.slice(0, 150)} ${nodes[0].failureSummary}`);
}"""
VIOLATED = "addEventListener('securitypolicyviolation', (event) => console.error(`policy: ${event.blockedURI}`))"
COLOURS = {"runOnly": ["color-contrast"]}  # all that differs between the themes
# Markup of Django admin itself: the heading over the first, hidden column of a table inside a form is empty
DJANGOS_OWN = {"empty-table-header": {"enabled": False}}


@pytest.fixture
def gallery(transactional_db):
    return Gallery()


class Visit:
    """One browser that goes from page to page, and what it had to complain about on each."""

    def __init__(self, browser, url, gallery):
        self.url, self.gallery = url, gallery
        self.context = browser.new_context(viewport=WIDE, reduced_motion="reduce")
        self.context.add_init_script(VIOLATED)
        self.context.route("**/events/", lambda call: call.fulfill(content_type="text/event-stream", body=": open\n\n"))
        self.context.route(
            "**/errors/**", lambda call: call.fulfill(body=error_page(call.request.url), content_type="text/html")
        )
        self.page = self.context.new_page()
        self.page.on(
            "console", lambda line: self.complain(line.text, line.location["url"]) if line.type == "error" else None
        )
        self.page.on("pageerror", lambda error: self.complain(str(error)))
        self.complaints = defaultdict(list)

    def complain(self, words, about=""):
        if not (self.shown.status != 200 and about == self.url + self.shown.path):  # the browser tells of its status
            self.complaints[str(self.shown)].append(words)

    def go(self, shown):
        self.shown = shown
        self.context.clear_cookies()
        known = self.gallery.browsers.get(shown.who)
        for name, morsel in known.cookies.items() if known else ():
            self.context.add_cookies([{"name": name, "value": morsel.value, "url": self.url}])
        self.page.set_viewport_size(WIDE)
        status = self.page.goto(self.url + shown.path).status
        if status != shown.status:
            self.complain(f"answered {status}")
        for selector in shown.pressed:
            self.page.locator(selector).first.click()
            self.page.locator("dialog[open] #dialog-title").wait_for(timeout=5000)

    def look(self, **options):
        self.page.evaluate(AXE_SCRIPT)
        for size, theme, rules in ((WIDE, "light", options), (WIDE, "dark", COLOURS), (NARROW, "dark", options)):
            self.page.set_viewport_size(size)
            self.complaints[str(self.shown)] += self.page.evaluate(LOOKS, [theme, rules])


@pytest.fixture
def visit(live_server, gallery, browser):
    made = Visit(browser, live_server.url, gallery)
    yield made
    made.context.close()


def complaints(visit, pages, **options):
    for shown in pages:
        visit.go(shown)
        visit.look(**options)
    return {page: told for page, told in visit.complaints.items() if told}


def test_no_page_of_the_desk_keeps_anybody_out(visit, gallery):
    assert complaints(visit, gallery.pages()) == {}


def test_no_page_of_the_administration_does(visit, gallery):
    assert complaints(visit, gallery.in_admin(), rules=DJANGOS_OWN) == {}


def test_a_page_that_did_would_be_seen(visit):
    visit.go(Shown("nobody", "/accounts/login/"))
    visit.page.evaluate("document.body.append(new Image())")
    visit.page.evaluate("document.body.setAttribute('style', 'color: silver')")
    visit.look()
    told = "\n".join(visit.complaints["nobody /accounts/login/"])
    assert {"image-alt" in told, "policy: inline" in told} == {True}
