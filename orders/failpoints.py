"""Fail points: named places where a test makes this process die as in a power cut, without any clean-up."""

import os
import signal

from django.conf import settings


def _die_at(name: str) -> None:
    if name == settings.FAIL_AT:  # type: ignore[misc]  # only tests have it
        os.kill(os.getpid(), signal.SIGKILL)


def _do_nothing(_name: str) -> None:
    """Outside tests a fail point does nothing: only the tests' settings have FAIL_AT."""


hit = _die_at if hasattr(settings, "FAIL_AT") else _do_nothing
