"""What stays out of the log, and how the rest is written: strangers' words can neither end a line nor begin one."""

import logging
from time import monotonic
from types import TracebackType
from typing import Any

Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


TOLD_AGAIN_AFTER = 60  # seconds


class NotAHealthCheck(logging.Filter):
    """Keeps «not ready» out of the log: whoever asks is told, and asks every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"


def visible(text: str) -> str:
    """`text` in one line, with its control and invisible characters written out."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


class OneLine(logging.Formatter):
    """One event is one line. Only a traceback has lines of its own, below its event and behind a bar.

    The same one is written once a minute: while the database is away, it comes many times a second.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told: dict[int, float] = {}  # when each traceback was written, by its hash

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Fault) -> str:  # noqa: N802
        text, now = behind_a_bar(super().formatException(ei)), monotonic()
        self._told = {told: at for told, at in self._told.items() if now < at + TOLD_AGAIN_AFTER}
        if hash(text) in self._told:
            return "  | with the same traceback as within the last minute"
        self._told[hash(text)] = now
        return text

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return behind_a_bar(super().formatStack(stack_info))


def behind_a_bar(text: str) -> str:
    return "\n".join(f"  | {visible(line)}" for line in text.split("\n"))
