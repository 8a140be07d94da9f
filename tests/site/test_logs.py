"""Whatever strangers write, one event of the log is one line, and nothing they write looks like another event."""

import io
import logging
import logging.config
import re

import pytest
from django.conf import settings

from catalog import sync
from catalog.models import Listing
from legitsms import Uncertain
from legitsms_site import logs
from tests.conftest import signed_in
from tests.factories import make_user
from tests.fakes import FakeClient

HOSTILE = [
    "\n",
    "\r",
    "\r\n",
    "\x1b[2J",
    "\u2028",
    "\u2029",
    "\x00",
    "\x85",
    "\x0b",
    "\x0c",
    "\u202e",
    "\ud800",
    "\x7f",
]
FORGED = "2026-01-01 00:00:00,000 ERROR django: all is lost"
EVENT = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} [A-Z]+ [\w.]+: ")
BENEATH = "  | "


@pytest.fixture
def written():
    """What the desk's own handler would write from here on."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    configurator = logging.config.DictConfigurator(settings.LOGGING)
    handler.setFormatter(configurator.configure_formatter(dict(settings.LOGGING["formatters"]["line"])))
    loggers = [logging.getLogger(name) for name in ("", "django")]
    [logger.addHandler(handler) for logger in loggers]
    yield stream
    [logger.removeHandler(handler) for logger in loggers]


def lines(written):
    return written.getvalue().splitlines()


@pytest.mark.parametrize("sign", HOSTILE)
def test_an_event_is_one_line(written, sign):
    logging.getLogger("orders").warning("LegitSMS said %s", f"hello{sign}{FORGED}")
    [line] = lines(written)
    assert EVENT.match(line)
    assert line.isprintable()


def test_a_readable_word_of_any_language_stays_as_it_is(written):
    logging.getLogger("orders").warning("%s", "Ñandú 俄罗斯 \\n")
    assert lines(written)[0].endswith("Ñandú 俄罗斯 \\n")


@pytest.mark.parametrize("sign", HOSTILE)
def test_a_traceback_stands_behind_a_bar_whatever_the_exception_says(written, sign):
    try:
        fail(f"hello{sign}{FORGED}")
    except ValueError:
        logging.getLogger("orders").exception("broken")
    event, *trace = lines(written)
    assert EVENT.match(event)
    assert all(line.startswith(BENEATH) and line.isprintable() for line in trace)


def fail(text):
    raise ValueError(text)


@pytest.fixture
def clock(monkeypatch):
    """Seconds that pass only when a test says so."""
    times = [1000.0]
    monkeypatch.setattr(logs, "monotonic", lambda: times[0])
    return times


def tracebacks(written, texts):
    """What stands below each event, the same place failing once for each of `texts`."""
    for text in texts:
        try:
            fail(text)
        except ValueError:
            logging.getLogger("orders").exception("broken")
    events = re.split(r"^\d{4}-.*\n", written.getvalue(), flags=re.MULTILINE)[1:]
    return [event.splitlines() for event in events]


def test_the_same_traceback_is_written_once_a_minute(written, clock):
    assert [len(lines) > 1 for lines in tracebacks(written, ["away"] * 3)] == [True, False, False]
    clock[0] += logs.REPEAT_TRACEBACK_AFTER
    assert len(tracebacks(written, ["away"])[-1]) > 1


def test_another_traceback_is_written_at_once(written, clock):
    assert [len(lines) > 1 for lines in tracebacks(written, ["lost", "full", "lost"])] == [True, True, False]


@pytest.mark.parametrize("sign", HOSTILE)
def test_a_stack_stands_behind_a_bar(written, sign):
    logging.getLogger("orders").warning("here%s", sign, stack_info=True)
    assert [line for line in lines(written) if not line.startswith(BENEATH)] == lines(written)[:1]


@pytest.mark.parametrize("path", ["/%0A2026", "/%0d%0a2026", "/%1b[2J", "/%e2%80%a8x", "/%00", "/%c2%85"])
@pytest.mark.django_db
def test_a_path_and_a_browsers_name_forge_no_line(written, path):
    browser = signed_in(make_user(f"ana\n{FORGED}", first_name=f"a\r{FORGED}"), headers={"User-Agent": f"x\n{FORGED}"})
    browser.get(path)
    assert [bool(EVENT.match(line)) for line in lines(written)] == [True]


def test_a_host_forges_no_line(written, client):
    client.get("/", headers={"Host": f"evil\n{FORGED}"})
    [event, *trace] = lines(written)
    assert EVENT.match(event)
    assert all(line.startswith(BENEATH) for line in trace)


@pytest.mark.parametrize("sign", HOSTILE[:6])
@pytest.mark.django_db
def test_an_answer_of_legitsms_forges_no_line(written, sign):
    listing = Listing.objects.create(upstream="sandbox", server=1, kind="countries")
    sync.refresh(listing, FakeClient(Uncertain(f"x{sign}{FORGED}", f"x{sign}{FORGED}")))
    assert [bool(EVENT.match(line)) for line in lines(written)] == [True]


def test_the_servers_own_words_go_the_same_way():
    assert settings.LOGGING["loggers"]["uvicorn"]["handlers"] == ["console"]
    assert settings.LOGGING["handlers"]["console"]["formatter"] == "line"
