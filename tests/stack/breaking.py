"""How a running desk is broken: processes that freeze, a broker that is emptied or full, rows that are looked up."""

import os
import signal
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from threading import Barrier
from time import monotonic

import redis
from celery import Celery

from legitsms_site.broker import celery_url, socket_path
from tests.stack.desk import eventually

BROKER = "valkey-server|redis-server"
NEVER_NEARER = 2.7  # seconds between two polls of one order


def send(pids, number):
    for pid in pids:
        with suppress(ProcessLookupError):  # it was killed meanwhile
            os.kill(pid, number)


@contextmanager
def frozen(desk, pattern):
    """Processes that neither answer nor die."""
    pids = desk.pids(pattern)
    send(pids, signal.SIGSTOP)
    try:
        yield pids
    finally:
        send(pids, signal.SIGCONT)


def main_process(desk, pattern):
    """The one that the supervisor started, and not its children."""
    pids = desk.pids(pattern)
    [main] = [pid for pid in pids if parent(pid) not in pids]
    return main


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def broker_url(desk):
    return f"unix://{socket_path(desk.folder / 'data')}?db=0"


def broker(desk):
    return closing(redis.Redis.from_url(broker_url(desk)))


def celery(desk):
    """A Celery that sends tasks to this desk's broker."""
    return Celery("a test", broker=celery_url(broker_url(desk)))


def ask(desk, question, *given):
    """Rows of the desk's own SQLite database."""
    with closing(sqlite3.connect(desk.folder / "data/desk.sqlite3", timeout=20)) as database, database:
        return database.execute(question, given).fetchall()


def last_order(desk):
    [row] = ask(desk, "SELECT id, status, activation_id FROM orders_order ORDER BY id DESC LIMIT 1")
    return row


def status_of(desk, pk):
    [[status]] = ask(desk, "SELECT status FROM orders_order WHERE id = ?", pk)
    return status


def all_at_once(deed, people):
    """What `deed` says, done by so many at the same moment."""
    barrier = Barrier(people)

    def press(_):
        barrier.wait(20)
        return deed()

    with ThreadPoolExecutor(people) as crowd:
        return list(crowd.map(press, range(people)))


def timed(deed):
    """What `deed` says, and how many seconds it took."""
    began = monotonic()
    return deed(), monotonic() - began


def gets_its_code(desk, order, text, within=15):
    """Whether a message that arrives now is on the board in time."""
    desk.control("deliver", id=order, text=text)
    ben = desk.member("ben")
    return eventually(lambda: text in ben.get("/").text, within=within)


def pace(desk, began):
    """The shortest mean time between the polls of one order since `began`; a late arrival makes no difference."""
    polls = [[at for at in order["polls"] if at >= began] for order in desk.ledger()["orders"]]
    return min((times[-1] - times[0]) / (len(times) - 1) for times in polls if len(times) > 2)
