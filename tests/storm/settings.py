"""The tests' settings for real processes: where they die is laid as files, and the clock is the sandbox's."""

from tests.settings import *  # noqa: F403
from tests.settings import CANCEL_AFTER, CANCEL_BEFORE_END, CLOCK, DATA_DIR, EXPECTED_LIFE, SANDBOX_SPEED
from tests.storm.mines import Mines

CRASH_AT = Mines(DATA_DIR / "mines")  # see orders/crash.py

# With an API key the desk would keep life's own time, but here the key opens the fast sandbox
FASTER = SANDBOX_SPEED / CLOCK
CANCEL_AFTER, EXPECTED_LIFE, CANCEL_BEFORE_END = (
    each / FASTER for each in (CANCEL_AFTER, EXPECTED_LIFE, CANCEL_BEFORE_END)
)
