"""The desks and browsers of the whole-system tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.stack.desk import PASSWORD, Desk

# Without these, Chromium asks its maker's hosts at every start
QUIET = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
CHROMIUM = "/usr/bin/chromium-headless-shell"  # without a window's parts the same engine has half the work
PLAIN_HTTP = "--host-resolver-rules=MAP desk.test 127.0.0.1"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.stack)
    items.sort(key=is_in_this_process)


def is_in_this_process(item: pytest.Item) -> bool:
    """Whether a test needs no desk. These come last: what runs in this process is left in it."""
    is_on_database = "transactional_db" in item.fixturenames or item.get_closest_marker("django_db") is not None
    return is_on_database and item.get_closest_marker("stack") is not None


@pytest.fixture(scope="session", autouse=True)
def beside_an_event_loop() -> Iterator[None]:
    """Playwright runs one in the tests' own thread, where Django would rather not ask its database."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        yield


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, object]:
    expect.set_options(timeout=15_000)
    return {"executable_path": CHROMIUM, "args": ["--no-sandbox", "--disable-gpu", *QUIET, PLAIN_HTTP]}


@pytest.fixture(scope="session")
def fast_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk whose sandbox runs fifteen times faster than life: the two minutes last eight seconds."""
    desk = Desk(tmp_path_factory.mktemp("fast"), speed=15).start()
    desk.make_members()
    yield desk
    desk.stop()


@pytest.fixture(scope="session")
def tough_desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk at life's own speed, which is killed, frozen and asked a lot, and must leave nothing behind."""
    desk = Desk(tmp_path_factory.mktemp("tough")).start()
    desk.make_members()
    yield desk
    desk.stop()
    assert desk.pids() == []


@pytest.fixture
def desk(fast_desk: Desk) -> Desk:
    """The fast desk without a scripted fault."""
    fast_desk.control("clear")
    return fast_desk


class Seat:
    """One member in front of a browser of their own."""

    def __init__(self, desk: Desk, context: BrowserContext, name: str, url: str) -> None:
        self.name, self.context, self.url = name, context, url
        self.page: Page = context.new_page()
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda line: self.complaints.append(line.text) if line.type == "error" else None)
        self.page.goto(f"{url}/accounts/login/")
        self.page.get_by_label("Email or username").fill(name)
        self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in").click()
        expect(self.page.get_by_role("button", name="Live")).to_be_visible()


@pytest.fixture
def sit(desk: Desk, browser: Browser) -> Iterator[object]:
    """Seat a member: `sit("ana")`. Nothing may complain in any browser's console."""
    seats: list[Seat] = []

    def seat(name: str, url: str = "", **context: object) -> Seat:
        made = browser.new_context(viewport={"width": 1280, "height": 900}, **context)
        seats.append(Seat(desk, made, name, url or desk.url))
        return seats[-1]

    yield seat
    complaints = [complaint for seat in seats for complaint in seat.complaints]
    for each in seats:
        each.context.close()
    assert complaints == []
