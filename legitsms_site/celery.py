"""The Celery application, a beat that says it lives, and workers whose children die with them."""

import ctypes
import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery, Task
from celery.exceptions import InvalidTaskError, SecurityWarning
from celery.signals import worker_process_init

from legitsms_site import deliveries

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")


class Checked(Task):  # type: ignore[type-arg]  # generic for the type checker alone
    """A task whose worker turns a message down that makes no sense.

    By itself Celery does so only for some kinds of nonsense, and ends the whole worker for the others; the broker then
    gives the same message to the next one.
    """

    def start_strategy(self, app: Celery, consumer: Any, **kwargs: Any) -> Any:
        take = super().start_strategy(app, consumer, **kwargs)

        def take_or_turn_down(*message: Any, **options: Any) -> Any:
            try:
                return take(*message, **options)
            except (AttributeError, KeyError, TypeError, ValueError) as wrong:
                raise InvalidTaskError(f"{type(wrong).__name__}: {wrong}") from wrong

        return take_or_turn_down


app = Celery("legitsms_desk", task_cls=Checked)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
deliveries.count_rightly()

warnings.simplefilter("ignore", SecurityWarning)  # it warns root of pickle, and only JSON is accepted here

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask Linux to end this process when its parent dies, so that a `kill -9` of the parent leaves no orphan behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


@worker_process_init.connect
def end_child_with_worker(**_: Any) -> None:
    die_with_parent(signal.SIGKILL)  # an orphan would go on buying beside the worker that replaces its own
