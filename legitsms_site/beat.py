"""Beat, which says that it lives. It keeps no schedule on disk: what is due is in the database."""

import time
from datetime import timedelta
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections

from orders import clock
from orders.models import Heartbeat
from orders.models.heartbeat import PULSE_EVERY

CLOCK_STEP = 1  # second
UPTIME = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # the former counts the seconds asleep, too


class LivingScheduler(Scheduler):
    """Writes the heartbeat from the loop that sends the tasks, so that a loop that hangs is seen to."""

    beaten_at = -PULSE_EVERY.total_seconds()
    clock: float | None = None  # what the clock showed beyond the seconds that really pass

    def setup_schedule(self) -> None:
        """Everything is due at the start, so that a restarted desk is ready at once and not an interval later."""
        super().setup_schedule()
        self.begin_anew()

    def begin_anew(self) -> None:
        self.clock = beyond_uptime()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(days=1)
        self._heap = None  # Celery makes it again

    def adjust(self, n: float, drift: float = 0.0) -> float:
        """Sleep until the next task is due. Celery wakes 10 ms before, and asks without a pause until it is."""
        return n + drift

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        self.follow_clock()
        if time.monotonic() - self.beaten_at >= PULSE_EVERY.total_seconds():
            self.beaten_at = time.monotonic()
            try:
                Heartbeat.beat("beat")
            except DatabaseError:
                close_old_connections()  # a database that went away is found again at the next beat
        return super().tick(*args, **kwargs)

    def follow_clock(self) -> None:
        """Notice that the clock was set. Back, Celery would wait for it to catch up; forward, orders would be old."""
        step = 0.0 if self.clock is None else beyond_uptime() - self.clock
        try:
            if step > CLOCK_STEP:
                clock.set_forward(timedelta(seconds=step))
        except DatabaseError:
            close_old_connections()  # the next tick finds the same step
            return
        if self.clock is None or abs(step) > CLOCK_STEP:
            self.begin_anew()


def beyond_uptime() -> float:
    return time.time() - time.clock_gettime(UPTIME)
