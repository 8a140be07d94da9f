"""The desk's real code and real database, a LegitSMS that is only books, and a clock that moves when it is told to."""

from concurrent.futures import Future
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

import time_machine
from django.db import connection
from django.utils import timezone

import legitsms.client
from orders import failpoints, tasks
from orders.models import Heartbeat
from orders.signals import order_changed
from orders.worker import polling, recovery, status_requests
from orders.worker.journal import journal
from provider import upstream
from provider.models import ApiKey
from team import pubsub
from team.roles import Role
from tests.model.deeds import Deeds, Fate
from tests.model.desk import clean
from tests.model.team import Team
from tests.model.upstream import KEY, LegitSMS
from tests.model.workers import Statements, park, running

BEGINNING = datetime(2020, 1, 1, 12, tzinfo=UTC)  # long before the journal's files: none of them seems old


class World(Deeds):
    """One example. `lasting` is what all examples share: the members, the offer and the tally."""

    def __init__(self, lasting):
        self.members, self.offer, self.tally = lasting.members, lasting.offer, lasting.tally
        self.upstream = LegitSMS(timezone.now, self.advance)
        self.workers = []
        self.presses = {}  # purchase UUID -> quantity
        self.calls = []
        self.journaled = {}
        self.is_beat_down = self.is_disk_full = False
        self.troubles = []

    def __enter__(self):
        self.stack, self.statements = ExitStack(), Statements()
        self.clock = self.stack.enter_context(time_machine.travel(BEGINNING, tick=False))
        for home, name, stand_in in (
            (legitsms.client, "call", self.call),
            (upstream, "monotonic", self.monotonic),
            (polling, "monotonic", self.monotonic),
            (failpoints, "hit", self.point),
            (order_changed, "send", lambda *_, **__: None),
            (pubsub, "publish", lambda _: None),
            (tasks, "enqueue", lambda task, pk: self.enqueued.append((task.name, pk))),
            (polling, "threads", lambda: self),
            (polling.log, "exception", self.log_exception),
            (status_requests.log, "exception", lambda *_: None),  # the disk is full
            (recovery.log, "exception", self.log_exception),
        ):
            self.stack.enter_context(patch.object(home, name, stand_in))
        self.stack.enter_context(connection.execute_wrapper(self.statements))
        self.enqueued = []
        clean()
        self.beaten_at = timezone.now()
        self.team = Team(self.members, self.advance)
        self.enter_key(KEY)
        return self

    def __exit__(self, *fault):
        for worker in self.workers:
            worker.die()
        self.team.restore()
        self.stack.close()

    # --- What the code meets

    def call(self, endpoint, params, **_):
        """In the place of the transport. The machine says when the call leaves, how it fares, and when it is back."""
        worker = running()
        fate = park("call") or Fate()
        self.note(worker, params, fate)
        try:
            text = endpoint.mask(self.upstream.answer(params, worker.intent, fate.fault, endpoint.key))
        finally:
            if fate.is_held:
                park("answer")
        worker.heard = text
        if text.startswith("STATUS_OK:") and not self.is_disk_full:
            worker.codes[params["id"], text.removeprefix("STATUS_OK:")] += 0
        return text

    def note(self, worker, params, fate):
        at, about = timezone.now(), params.get("id", worker.intent)
        is_prompt = worker.born_at == at  # it did not sleep on what it had read
        worker.asked.append((params["action"], about))
        state = {"at": at, "is_prompt": is_prompt, "beaten_at": self.beaten_at}
        self.calls.append(
            SimpleNamespace(worker=worker, action=params["action"], about=about, status=params.get("status"), **state)
        )
        self.tally.faults.update([fate.fault] * bool(fate.fault))

    def point(self, name):
        worker = running()
        if name == "after_journal":
            self.journaled[worker.intent] = worker.heard.split(":")[1]
        worker.point(is_statement=False)

    def codes_read(self):
        """The codes, as (id, text), whose readers lived for more than the one moment before they wrote them down."""
        return {code for worker in self.workers for code, points in worker.codes.items() if points > 1}

    def monotonic(self):
        return (timezone.now() - BEGINNING).total_seconds()

    def submit(self, step, *given):
        """In the place of the sweep's threads: one question after the other."""
        answer = Future()
        answer.set_running_or_notify_cancel()
        answer.set_result(step(*given))
        return answer

    def log_exception(self, *told):
        if not running().was_locked:
            self.troubles.append(told)

    # --- What the machine does to it

    def advance(self, seconds):
        self.clock.shift(timedelta(seconds=seconds))
        if not self.is_beat_down:
            self.beaten_at = timezone.now()
            Heartbeat.objects.update(at=self.beaten_at)

    def set_weather(self, what):
        """One trouble at a time, or none."""
        self.upstream.key = f"{KEY}-{self.upstream.sent.total()}" if what == "key" else self.key
        self.upstream.has_money = what != "money"
        self.set_disk(what == "disk")
        self.is_beat_down = what == "beat"
        self.team.change_role("ana", None if what == "dismissed" else Role.BUYER)

    def enter_key(self, key):
        """An administrator enters it."""
        self.key = key
        ApiKey.current().replace(key, self.members["ada"])

    def set_disk(self, full):
        """A full disk: the journal cannot begin a file, nor write into the one it has."""
        self.is_disk_full = full
        log = journal()
        log.is_ready = (lambda: False) if full else partial(type(log).is_ready, log)
        log.write = self.refuse_to_write if full else partial(type(log).write, log)

    def refuse_to_write(self, _entry):
        raise OSError(28, "No space left on device")
