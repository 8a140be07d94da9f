"""The Celery application. Its tasks reject invalid messages, and its worker children end with their worker."""

import ctypes
import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery, Task
from celery.exceptions import InvalidTaskError, SecurityWarning
from celery.signals import worker_process_init

from legitsms_site import kombu_fixes

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")


class ValidatingTask(Task):  # type: ignore[type-arg]  # generic only for the type checker
    """Rejects every invalid message.

    Celery itself rejects only some kinds. The others end the whole worker, and the broker delivers the same message to
    the next one.
    """

    def start_strategy(self, app: Celery, consumer: Any, **kwargs: Any) -> Any:
        handle_message = super().start_strategy(app, consumer, **kwargs)

        def handle_or_reject(*message: Any, **options: Any) -> Any:
            try:
                return handle_message(*message, **options)
            except (AttributeError, KeyError, TypeError, ValueError) as error:
                raise InvalidTaskError(f"{type(error).__name__}: {error}") from error

        return handle_or_reject


app = Celery("legitsms_desk", task_cls=ValidatingTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
kombu_fixes.install()

warnings.simplefilter("ignore", SecurityWarning)  # warns root about pickle, but only JSON is accepted here

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Make Linux send this process a signal when its parent dies, so that `kill -9` of the parent leaves no orphan."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


@worker_process_init.connect
def end_child_with_worker(**_: Any) -> None:
    die_with_parent(signal.SIGKILL)  # an orphan would go on buying beside the new worker
