"""Log filter and formatter. Text from outside cannot forge a log line, since control characters are escaped."""

import logging
from time import monotonic
from types import TracebackType
from typing import Any

Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


REPEAT_TRACEBACK_AFTER = 60  # seconds


class WithoutReadyz(logging.Filter):
    """Drops the 503 responses of /readyz: they would come every few seconds, and the caller sees them anyway."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"


def escape(text: str) -> str:
    """Return `text` in one line, with control and invisible characters as escape sequences."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


class SingleLineFormatter(logging.Formatter):
    """Writes each event in one line. The lines of a traceback follow it, each with a bar in front.

    The same traceback is written once a minute: while the database is down, it occurs many times a second.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._written_at: dict[int, float] = {}  # when each traceback was written, by its hash

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        return escape(super().formatMessage(record))

    def formatException(self, ei: Fault) -> str:  # noqa: N802
        text, now = with_bar(super().formatException(ei)), monotonic()
        self._written_at = {key: at for key, at in self._written_at.items() if now < at + REPEAT_TRACEBACK_AFTER}
        if hash(text) in self._written_at:
            return "  | with the same traceback as within the last minute"
        self._written_at[hash(text)] = now
        return text

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return with_bar(super().formatStack(stack_info))


def with_bar(text: str) -> str:
    return "\n".join(f"  | {escape(line)}" for line in text.split("\n"))
