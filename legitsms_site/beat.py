"""The scheduler of Celery beat, with a heartbeat. It stores no schedule on disk: the database says what is due."""

import time
from datetime import timedelta
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections

from orders.models import Heartbeat
from orders.models.heartbeat import BEAT_EVERY
from orders.worker import clock

CLOCK_STEP = 1  # second
UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # CLOCK_BOOTTIME also counts the time in suspend


class HeartbeatScheduler(Scheduler):
    """Writes the heartbeat in the loop that sends the tasks, so that a hanging loop is noticed."""

    last_beat_at = -BEAT_EVERY.total_seconds()
    offset: float | None = None  # seconds of the wall clock minus the uptime, which changes when the clock is set

    def setup_schedule(self) -> None:
        """Make every task due at once, so that a restarted desk does not wait for an interval first."""
        super().setup_schedule()
        self.restart_schedule()

    def restart_schedule(self) -> None:
        self.offset = clock_offset()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(days=1)
        self._heap = None  # Celery builds it again

    def adjust(self, n: float, drift: float = 0.0) -> float:
        """Sleep until the next task is due. Celery would wake 10 ms earlier, and then poll without a pause."""
        return n + drift

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        self.detect_clock_change()
        if time.monotonic() - self.last_beat_at >= BEAT_EVERY.total_seconds():
            self.last_beat_at = time.monotonic()
            try:
                Heartbeat.beat("beat")
            except DatabaseError:
                close_old_connections()  # reconnects at the next heartbeat
        return super().tick(*args, **kwargs)

    def detect_clock_change(self) -> None:
        """Handle a change of the wall clock.

        Set back, Celery would wait until it caught up. Set forward, open orders would look too old.
        """
        step = 0.0 if self.offset is None else clock_offset() - self.offset
        try:
            if step > CLOCK_STEP:
                clock.set_forward(timedelta(seconds=step))
        except DatabaseError:
            close_old_connections()  # the next tick detects the same step
            return
        if self.offset is None or abs(step) > CLOCK_STEP:
            self.restart_schedule()


def clock_offset() -> float:
    return time.time() - time.clock_gettime(UPTIME)
