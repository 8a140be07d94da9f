"""The headers of every answer that there is: of each address, of each kind of error, and of what is static."""

from collections import Counter
from contextlib import closing

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from orders import tasks
from orders.views import board
from tests.walk.routes import routes
from tests.walk.visitors import Visitor
from tests.walk.world import World

pytestmark = pytest.mark.django_db
EXPECTED = settings.SECURITY_HEADERS | {
    "Content-Security-Policy": "; ".join(
        [
            *("base-uri 'none'", "connect-src 'self'", "default-src 'none'", "font-src 'self'", "form-action 'self'"),
            *("frame-ancestors 'none'", "img-src 'self' data:", "manifest-src 'self'", "script-src 'self'"),
            "style-src 'self'",
        ]
    )
}
NOBODYS = ("Access-Control-Allow-Origin", "Server", "X-Powered-By")
ELSEWHERE = {
    "a page that is not there": ("/not/there/", {}),
    "another host": ("/", {"headers": {"Host": "evil.example"}}),
    "a fault of ours": ("/banner/", {}),
    "a style sheet": ("/static/desk/css/base.css", {}),
    "a script": ("/static/desk/js/theme.js", {}),
    "a file that is not there": ("/static/none.js", {}),
}


@pytest.fixture
def world(monkeypatch, settings, alive):
    monkeypatch.setattr(tasks, "enqueue", lambda *_: None)
    settings.WHITENOISE_AUTOREFRESH = settings.WHITENOISE_USE_FINDERS = True  # nothing is collected for a test
    cache.clear()
    return World()


def headers_of(response):
    """What the shell promises, as the answer has it, and what no answer should have."""
    found = {name: response.headers.get(name) for name in (*EXPECTED, *NOBODYS) if name in response.headers}
    policy = found.get("Content-Security-Policy", "")
    return found | {"Content-Security-Policy": "; ".join(sorted(policy.split("; ")))}


def answers(world):
    """Every address as nobody and as an administrator, as (what it is, answer)."""
    for who in (Visitor.ANONYMOUS, Visitor.ADMINISTRATOR):
        for route in routes():
            for method in ("get", "post"):
                yield f"{who} {method} {route.name}", world.ask(who, method, route.at(world.mine(route, who)))


def test_every_address_answers_with_the_headers_of_the_shell(world, capsys):
    known = list(answers(world))
    assert {what: headers_of(answer) for what, answer in known if headers_of(answer) != EXPECTED} == {}
    pages = {what: answer for what, answer in known if answer.headers.get("Content-Type", "").startswith("text/html")}
    assert [what for what, answer in pages.items() if "no-store" not in answer["Cache-Control"]] == []
    statuses = Counter(answer.status_code for _, answer in known)
    assert {200, 302, 403, 404, 405} <= set(statuses)
    with capsys.disabled():
        print(f"\n{len(known)} answers of {len(routes())} addresses ({dict(sorted(statuses.items()))}) all have:")
        print("\n".join(f"  {name}: {value}" for name, value in EXPECTED.items()))


@pytest.mark.parametrize("what", ELSEWHERE)
def test_so_does_what_no_address_leads_to(world, desk, monkeypatch, what):
    monkeypatch.setattr(board, "current_banner", lambda: 1 / 0)
    path, extra = ELSEWHERE[what]
    browser = Client(raise_request_exception=False)
    browser.cookies = desk.cookies
    with closing(browser.get(path, **extra)) as answer:
        assert headers_of(answer) == EXPECTED
