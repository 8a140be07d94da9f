"""Everything that may break, one thing at a time, every few seconds."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Event, Thread
from urllib.parse import parse_qs, urlsplit

import psycopg
import redis

from tests.soak.messages import duplicates, poison
from tests.stack.crew import Crew

POINTS = (
    *("after_intent_commit", "before_claim", "after_claim", "after_reply_before_journal"),
    *("after_journal", "before_commit", "code_after_journal", "code_before_commit"),
)
UPSTREAM = (
    {"fault": "drop_after"},
    {"fault": "drop_before"},
    {"fault": "drop_after", "reset": True},
    {"fault": "status", "status": 503},
    {"fault": "status", "status": 502, "acts": True},
    {"fault": "html"},
    {"fault": "delay", "seconds": 5.0},
    {"fault": "drip", "seconds": 0.3},
    {"fault": "garbage"},
    {"fault": "empty"},
    {"fault": "huge", "mib": 5, "gzip": True},
    {"fault": "hang"},
)
ACTIONS = ("getNumber", "getStatus", "getStatus", "setStatus", "*")
PAUSE = (1.0, 5.0)  # seconds between two faults
FROZEN = (1.0, 10.0)  # seconds


class Trouble:
    def __init__(self, crew: Crew, luck: random.Random) -> None:
        self.crew, self.luck = crew, luck
        self.done: Counter[str] = Counter()
        self._over = Event()
        self._thread = Thread(target=self._go_on, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End all of it, and let live what was frozen."""
        from tests.storm.settings import FAIL_AT

        self._over.set()
        self._thread.join()
        FAIL_AT.clear()
        self.crew.sandbox.clear()

    def _go_on(self) -> None:
        kinds: list[Callable[[], str]] = [
            *(self.kill_one, self.kill_family, self.lay_mine, self.freeze, self.freeze_database),
            *(self.restart_broker, self.empty_broker, self.cut_connections, self.trouble_upstream),
            *(self.trouble_upstream, self.send_duplicates, self.send_poison),
        ]
        while not self._over.wait(self.luck.uniform(*PAUSE)):
            with suppress(OSError, redis.RedisError, psycopg.Error, KeyError):  # what it would hit is down already
                self.done[self.luck.choice(kinds)()] += 1

    def kill_one(self) -> str:
        """One process, or one child of it."""
        name = self.luck.choice(self.crew.names)
        os.kill(self.luck.choice(self.crew.family(name)), signal.SIGKILL)
        return f"kill -9 {name.partition('-')[0]}"

    def kill_family(self) -> str:
        name = self.luck.choice(self.crew.names)
        self.crew.send(name, signal.SIGKILL)
        return f"kill -9 {name.partition('-')[0]} with its children"

    def lay_mine(self) -> str:
        from tests.storm.settings import FAIL_AT

        FAIL_AT.lay(point := self.luck.choice(POINTS))
        return f"die at {point}"

    def freeze(self) -> str:
        name = self.luck.choice(["broker", self.luck.choice(self.crew.names)])
        lead = self.crew.running[name].pid
        os.killpg(lead, signal.SIGSTOP)
        try:
            time.sleep(self.luck.uniform(*FROZEN))
        finally:
            with suppress(ProcessLookupError):
                os.killpg(lead, signal.SIGCONT)
        return f"freeze {name.partition('-')[0]}"

    def freeze_database(self) -> str:
        pids = database_processes()
        try:
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(self.luck.uniform(*FROZEN))
        finally:
            for pid in pids:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGCONT)
        return "freeze database"

    def restart_broker(self) -> str:
        self.crew.end("broker")
        time.sleep(self.luck.uniform(0, 5))
        self.crew.begin("broker")
        return "broker restarted"

    def empty_broker(self) -> str:
        with self.crew.broker() as connection:
            connection.flushall()
        return "broker emptied"

    def cut_connections(self) -> str:
        with psycopg.connect(self.crew.environment["DATABASE_URL"], autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return "database connections cut"

    def trouble_upstream(self) -> str:
        wrong, action = self.luck.choice(UPSTREAM), self.luck.choice(ACTIONS)
        self.crew.sandbox.fault(action, times=self.luck.randint(1, 30 if action != "getNumber" else 5), **wrong)
        return f"LegitSMS: {wrong['fault']}"

    def send_duplicates(self) -> str:
        duplicates(self.luck)
        return "duplicate messages"

    def send_poison(self) -> str:
        with self.crew.broker() as connection:
            poison(connection, self.luck)
        return "poisoned messages"


def database_processes() -> list[int]:
    """The server that `tests.postgres` started, and its children."""
    folder = parse_qs(urlsplit(os.environ["DATABASE_URL"]).query)["host"][0]
    lead = int(Path(folder, "cluster", "postmaster.pid").read_text().split()[0])
    return [lead, *map(int, Path(f"/proc/{lead}/task/{lead}/children").read_text().split())]
