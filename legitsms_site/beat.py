"""Beat, which says that it lives. It keeps no schedule on disk: what is due is in the database."""

from datetime import timedelta
from time import monotonic, time
from typing import Any

from celery.beat import Scheduler
from django.db import DatabaseError, close_old_connections

from orders.models import Heartbeat
from orders.models.heartbeat import PULSE_EVERY

CLOCK_STEP = 1  # second


class LivingScheduler(Scheduler):
    """Writes the heartbeat from the loop that sends the tasks, so that a loop that hangs is seen to."""

    beaten_at = -PULSE_EVERY.total_seconds()
    clock = 0.0  # what the clock shows beyond the seconds that really pass

    def setup_schedule(self) -> None:
        """Everything is due at the start, so that a restarted desk is ready at once and not an interval later."""
        super().setup_schedule()
        self.begin_anew()

    def begin_anew(self) -> None:
        self.clock = time() - monotonic()
        for entry in self.schedule.values():
            entry.last_run_at = entry.default_now() - timedelta(days=1)
        self._heap = None  # Celery makes it again

    def adjust(self, n: float, drift: float = 0.0) -> float:
        """Sleep until the next task is due. Celery wakes 10 ms before, and asks without a pause until it is."""
        return n + drift

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        if abs(time() - monotonic() - self.clock) > CLOCK_STEP:  # set back, Celery would wait until it is what it was
            self.begin_anew()
        if monotonic() - self.beaten_at >= PULSE_EVERY.total_seconds():
            self.beaten_at = monotonic()
            try:
                Heartbeat.beat("beat")
            except DatabaseError:
                close_old_connections()  # a database that went away is found again at the next beat
        return super().tick(*args, **kwargs)
