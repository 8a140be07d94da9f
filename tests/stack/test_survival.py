"""What one command starts survives `kill -9` of any of its processes, a restart, and leaves nothing behind."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stack.desk import ROOT, Desk, eventually
from tests.stack.poison import poisons

BACK_WITHIN = 10  # seconds
KILLED = {
    "broker": "valkey-server|redis-server",
    "polling worker": "--queues polling",
    "purchasing worker": "--queues purchasing",
    "beat": "celery.* beat",
    "web": "uvicorn",
}


@pytest.mark.parametrize("pattern", KILLED.values(), ids=KILLED.keys())
def test_a_killed_process_is_back_and_open_orders_go_on(tough_desk, pattern):
    order = tough_desk.bought_by(tough_desk.member("ana").buy)["id"]
    bought = len(tough_desk.ledger()["purchases"])
    killed = tough_desk.kill(pattern)
    assert killed
    eventually(lambda: set(tough_desk.pids(pattern)) - set(killed), within=BACK_WITHIN)
    eventually(tough_desk.is_ready, within=BACK_WITHIN)
    assert not set(killed) & set(tough_desk.pids(pattern))
    tough_desk.control("deliver", id=order, text=f"code {order}")
    eventually(lambda: f"code {order}" in tough_desk.member("ben").get("/").text)
    assert len(tough_desk.ledger()["purchases"]) == bought


def test_messages_that_no_worker_understands_end_no_worker(tough_desk):
    workers = tough_desk.pids("--queues (polling|purchasing)")
    order = tough_desk.bought_by(tough_desk.member("ana").buy)["id"]
    for text in poisons():
        for queue in ("polling", "purchasing"):
            with tough_desk.broker() as broker:
                broker.lpush(queue, *[text] * 10)
    tough_desk.bought_by(tough_desk.member("ana").buy)
    tough_desk.control("deliver", id=order, text=f"code {order}")
    eventually(lambda: f"code {order}" in tough_desk.member("ben").get("/").text)
    assert tough_desk.pids("--queues (polling|purchasing)") == workers


def test_a_second_start_keeps_all_orders_and_buys_nothing_again(tough_desk):
    tough_desk.bought_by(tough_desk.member("ana").buy)
    eventually(lambda: "waiting" in tough_desk.member("ana").states())
    before = tough_desk.member("ana").states()
    bought = len(tough_desk.ledger()["orders"])
    tough_desk.stop()
    assert tough_desk.pids() == []
    tough_desk.start()
    assert tough_desk.member("ana").states() == before
    assert len(tough_desk.ledger()["orders"]) == bought


TALKS = """
from legitsms_site import __main__, supervision
supervision.DESK_PROCESSES, supervision.dependencies = ["nobody"], list  # it says that there is no such role, and ends
__main__.run()
"""


@pytest.fixture
def talking(tmp_path):
    """A supervisor of one process that says a line and dies, again and again, where no line has room."""
    environment = Desk(tmp_path).environment | {"DJANGO_SETTINGS_MODULE": "legitsms_site.settings"}
    with Path("/dev/full").open("wb") as full:
        process = subprocess.Popen([sys.executable, "-c", TALKS], cwd=ROOT, env=environment, stdout=full, stderr=full)
    yield process
    process.terminate()
    process.wait(20)


def test_a_supervisor_without_room_for_its_output_goes_on(talking):
    children, seen = Path(f"/proc/{talking.pid}/task/{talking.pid}/children"), set()
    eventually(lambda: seen.update(children.read_text().split()) or len(seen) > 2)  # two have spoken
    assert talking.poll() is None
