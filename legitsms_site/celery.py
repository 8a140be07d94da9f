"""The Celery application, a beat that says it lives, and workers whose children die with them."""

import ctypes
import os
import signal
import sys
import warnings
from typing import Any

from celery import Celery
from celery.exceptions import SecurityWarning
from celery.signals import worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")
app = Celery("legitsms_desk")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

warnings.simplefilter("ignore", SecurityWarning)  # it warns root of pickle, and only JSON is accepted here

PR_SET_PDEATHSIG = 1


def die_with_parent(number: int = signal.SIGTERM) -> None:
    """Ask Linux to end this process when its parent dies, so that a `kill -9` of the parent leaves no orphan behind."""
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, number)


@worker_process_init.connect
def end_child_with_worker(**_: Any) -> None:
    die_with_parent(signal.SIGKILL)  # an orphan would go on buying beside the worker that replaces its own
