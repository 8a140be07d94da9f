"""A process dies with `kill -9` at every named point. Then recovery must find all that it left, and nothing twice."""

import os
import re
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from orders import tasks
from orders.models import Order
from tests.factories import make_heartbeats, make_offer, make_order
from tests.stack.desk import ROOT, eventually

pytestmark = pytest.mark.django_db(transaction=True)

# Where the worker that buys dies; how the order is found; how it ends; how many numbers LegitSMS has sold for it
BUYING = {
    "before_claim": ("requested", "waiting", 1),
    "after_claim": ("buying", "unclear", 0),
    "after_reply_before_journal": ("buying", "unclear", 1),
    "after_journal": ("buying", "waiting", 1),
    "before_commit": ("buying", "waiting", 1),
}
READING = {  # where the poller dies: how many codes there are when it is asked again, a second one having come
    "code_before_journal": ["second"],
    "code_after_journal": ["445566", "second"],
    "code_before_commit": ["445566", "second"],
}
OTHERS = {"after_intent_commit"}
TASKS = {task.name: task for task in (tasks.buy_number, tasks.send_requested_action)}


@pytest.fixture
def start(sandbox, data_dir):
    """Begin a deed in a process of its own, on this test's database and folder; `dies_at` names where it ends."""
    started = []

    def begin(what, pk, dies_at="", log=None):
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "DATA_DIR": str(data_dir),
            "DATABASE_URL": address(connection.settings_dict),
            "SANDBOX_URL": sandbox.url,
            "LEGITSMS_DESK_FAIL_AT": dies_at,
        }
        command = [sys.executable, "-m", "tests.faults.deed", what, str(pk)]
        started.append(subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log))
        return started[-1]

    yield begin
    for process in started:
        process.kill()
        process.wait()


def address(database):
    """This test's database, as DATABASE_URL has it."""
    if connection.vendor == "sqlite":
        return f"sqlite:///{database['NAME']}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{database['NAME']}").geturl()


def kill(process):
    process.kill()
    assert process.wait(60) == -signal.SIGKILL


def run_recovery(bells, seconds):
    """One recovery as it is so much later; the tasks that it enqueues are done."""
    with time_machine.travel(timezone.now() + timedelta(seconds=seconds)):
        make_heartbeats()
        tasks.recover()
        for name, pk in bells:
            TASKS[name](pk)
        bells.clear()


def recover(bells):
    """All that may happen in the minutes after: recoveries, and then a late message that was still in the broker."""
    for seconds in (3, 6, 65, 70):
        run_recovery(bells, seconds)
    [(pk, found)] = Order.objects.values_list("pk", "status")
    tasks.buy_number(pk)
    assert Order.objects.get().status == found


@pytest.mark.parametrize("point", BUYING)
def test_a_worker_that_dies_while_buying_neither_loses_nor_doubles_the_number(alive, sandbox, start, bells, point):
    found, ends, sold = BUYING[point]
    order = make_order(service="sbcode")
    assert start("buy", order.pk, dies_at=point).wait(60) == -signal.SIGKILL
    order.refresh_from_db()
    assert order.status == found
    recover(bells)
    order.refresh_from_db()
    books = sandbox.ledger()
    assert (order.status, len(books["orders"])) == (ends, sold)
    assert len(books["purchases"]) <= 1
    assert [order.activation_id] == ([books["orders"][0]["id"]] if ends == "waiting" else [""])


def test_a_worker_that_dies_while_legitsms_answers_leaves_the_order_unclear(alive, sandbox, start, bells):
    order = make_order(service="sbcode")
    sandbox.fault("getNumber", "delay", seconds=10)
    process = start("buy", order.pk)
    eventually(lambda: sandbox.ledger()["orders"])
    kill(process)
    recover(bells)
    order.refresh_from_db()
    assert (order.status, len(sandbox.ledger()["purchases"])) == ("unclear", 1)


def test_a_web_process_that_dies_before_it_rings_leaves_a_request_that_is_bought_once(
    alive, member, sandbox, start, bells
):
    make_offer(service="sbcode")
    assert start("ask", member.pk, dies_at="after_intent_commit").wait(60) == -signal.SIGKILL
    order = Order.objects.get()
    assert order.status == "requested"
    recover(bells)
    order.refresh_from_db()
    assert (order.status, len(sandbox.ledger()["purchases"])) == ("waiting", 1)


def test_a_code_whose_reader_died_before_the_commit_is_read_again(alive, sandbox, start):
    order = make_order(service="sbnever")
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    sandbox.deliver(order.activation_id, "445566")
    Order.objects.update(next_poll_at=timezone.now())
    assert start("poll", 0, dies_at="code_before_commit").wait(60) == -signal.SIGKILL
    order.refresh_from_db()
    assert (order.status, order.codes.count()) == ("waiting", 0)
    with time_machine.travel(timezone.now() + timedelta(seconds=4)):
        tasks.poll_due()
    order.refresh_from_db()
    assert (order.status, order.codes.get().text) == ("received", "445566")


@pytest.mark.parametrize("point", READING)
def test_a_code_whose_reader_died_is_not_lost_to_the_second_one_once_it_was_written_down(
    alive, sandbox, start, bells, point
):
    order = make_order(service="sbnever")
    tasks.buy_number(order.pk)
    order.refresh_from_db()
    sandbox.deliver(order.activation_id, "445566")
    Order.objects.update(next_poll_at=timezone.now())
    assert start("poll", 0, dies_at=point).wait(60) == -signal.SIGKILL
    assert not order.codes.exists()
    sandbox.deliver(order.activation_id, "second")
    run_recovery(bells, 2)
    with time_machine.travel(timezone.now() + timedelta(seconds=35)):
        tasks.poll_due()
    order.refresh_from_db()
    assert (order.status, [code.text for code in order.codes.all()]) == ("received", READING[point])


def test_a_log_without_room_costs_no_purchase(alive, sandbox, start):
    order = make_order(service="sbcode")
    with Path("/dev/full").open("wb") as full:
        assert start("buy", order.pk, log=full).wait(60) == 0  # it logs that there is no broker to tell
    order.refresh_from_db()
    assert (order.status, len(sandbox.ledger()["orders"])) == ("waiting", 1)


def test_every_named_point_is_died_at():
    named = [re.findall(r'failpoints\.hit\("(\w+)"\)', path.read_text()) for path in Path(ROOT, "orders").rglob("*.py")]
    assert sorted(sum(named, [])) == sorted({*BUYING, *READING, *OTHERS})  # noqa: RUF017


def test_the_desks_own_settings_name_no_point():
    assert "FAIL_AT" not in Path(ROOT, "legitsms_site/settings.py").read_text()
