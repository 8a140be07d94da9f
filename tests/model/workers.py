"""Processes that stop where the machine wants them to: before a call, with its answer in hand, between two statements.

Each is a greenlet on the one real connection. It stops between transactions only, as others could not go on otherwise;
it may die anywhere, and what it had not committed is lost then.
"""

from collections import Counter
from contextlib import suppress

from django.db import OperationalError, connection, connections
from django.utils import timezone
from greenlet import GreenletExit, getcurrent, greenlet


class Worker:
    """`step`, which does `deed`, runs until it stops; `go` lets it run on."""

    def __init__(self, world, deed, step, intent, who=""):
        self.world, self.deed, self.intent, self.who = world, deed, intent, who
        self.thread = greenlet(step)
        self.thread.worker = self
        self.asked = []  # its calls, as (action, id)
        self.codes = Counter()  # each code that it read, as (id, text), and how many points it has reached since
        self.left, self.ends = 0, ""  # so many points on it pauses, dies, or finds the database locked
        self.is_dead = self.was_locked = False
        self.born_at, self.gone_at = timezone.now(), None

    def go(self, fate=None, left=0, ends="pause"):
        """Run until it stops, `left` points from here at the latest (0: wherever it calls LegitSMS)."""
        self.left, self.ends = left, ends
        reached = self.thread.switch(fate) if self.thread else self.thread.switch()
        if reached == "dead":
            self.die()
        elif self.thread.dead:
            return ""
        return reached

    @property
    def is_gone(self):
        return self.is_dead or self.thread.dead

    def die(self):
        """As `kill -9`: it never runs again, and the database forgets its transaction."""
        self.is_dead = True
        if self.thread:
            self.world.tally.faults["kill -9"] += 1
            if connection.in_atomic_block:
                lose_transaction()
            bury(self.thread)

    def point(self, is_statement):
        self.codes.update(list(self.codes))
        if self.left == 0:
            return
        if self.left > 1:
            self.left -= 1
        elif self.ends == "die":
            park("dead")
        elif self.ends == "locked" and is_statement:
            self.left, self.was_locked = 0, True
            self.world.tally.faults["database is locked"] += 1
            raise OperationalError("database is locked")
        elif self.ends == "pause" and not connection.in_atomic_block:
            self.left = 0
            park("point")


def running():
    return getattr(getcurrent(), "worker", None)


def park(where):
    """Give the turn back to the machine; returns what it says when the turn comes again."""
    return getcurrent().parent.switch(where)


class Statements:
    """Around every statement that Django sends: workers stop there, and the machine learns whether any wrote."""

    has_written = True

    def __call__(self, execute, sql, params, many, context):
        if worker := running():
            worker.point(is_statement=True)
        self.has_written |= not sql.startswith("SELECT")
        return execute(sql, params, many, context)


def lose_transaction():
    connection.in_atomic_block = connection.needs_rollback = False
    connection.savepoint_ids, connection.atomic_blocks, connection.run_on_commit = [], [], []
    connection.rollback()
    connection.set_autocommit(True)


class Nothing:
    """The database, as far as a dead worker reaches."""

    def __getattr__(self, name):
        raise GreenletExit


def bury(thread):
    """Unwind a dead worker where it can reach nothing any more: a process that is killed runs no `finally`."""
    real = connections["default"]
    connections["default"] = Nothing()
    try:
        while thread:
            with suppress(BaseException):
                thread.throw(GreenletExit)
    finally:
        connections["default"] = real
