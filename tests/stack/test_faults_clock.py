"""The clock of the whole desk is set back, and forward again, while LegitSMS's own goes right."""

from pathlib import Path

import pytest

from legitsms.sandbox import Sandbox
from tests.stack.breaking import gets_its_code
from tests.stack.desk import Desk, eventually

FAR = 50 * 60  # seconds; an order that is a whole hour old by the clock is asked about slowly


@pytest.fixture
def clock(tmp_path):
    """A clock that can be set, in seconds from the right time. Whoever looks at it sees that within a second."""
    path = tmp_path / "clock"
    path.write_text("+0")
    return path


@pytest.fixture
def desk(clock, tmp_path):
    with Sandbox() as sandbox:
        made = Desk(tmp_path)
        made.sandbox_port = sandbox.port
        made.environment |= {"SANDBOX_URL": sandbox.url, **set_by(clock)}
        made.start()
        made.make_members()
        main = made.process.pid
        yield made
        made.stop()
    for left in Path("/dev/shm").glob(f"*faketime_s*_{main}"):  # noqa: S108  the library's own, of whoever ends by exec
        left.unlink()


def set_by(clock):
    """A library in front of libc's clock. Files keep their true times: to change those, too, would cost seconds."""
    [library] = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(clock),
        "FAKETIME_CACHE_DURATION": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "NO_FAKE_STAT": "1",
    }


def test_a_clock_that_jumps_far_back_and_forth_costs_no_code_and_no_purchase(desk, clock):
    ana = desk.member("ana")
    for seconds in (-FAR, 0):
        order = desk.bought_by(ana.buy)["id"]
        eventually(lambda: "waiting" in ana.states())
        clock.write_text(f"{seconds:+d}")
        assert gets_its_code(desk, order, f"at {seconds} 4455", within=30)
        eventually(desk.is_ready)
    assert "the clock was set back" in desk.log.read_text()
    assert len(desk.ledger()["purchases"]) == len(desk.ledger()["orders"]) == 2
