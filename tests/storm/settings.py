"""The tests' settings for real processes: where they die is laid as files, and the clock is the sandbox's."""

from tests.settings import *  # noqa: F403
from tests.settings import CANCEL_AFTER, DATA_DIR, EXPECTED_LIFE, LEGITSMS_API_KEY, SANDBOX_SPEED
from tests.storm.mines import Mines

FAIL_AT = Mines(DATA_DIR / "mines")  # see orders/failpoints.py

if LEGITSMS_API_KEY:  # the desk keeps life's own time then, but here the key opens the fast sandbox
    CANCEL_AFTER, EXPECTED_LIFE = CANCEL_AFTER / SANDBOX_SPEED, EXPECTED_LIFE / SANDBOX_SPEED
