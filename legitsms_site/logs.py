"""What stays out of the log, and how the rest is written: strangers' words can neither end a line nor begin one."""

import logging
from types import TracebackType

Fault = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


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
    """One event is one line. Only a traceback has lines of its own, below its event and behind a bar."""

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802  the library's name
        return visible(super().formatMessage(record))

    def formatException(self, ei: Fault) -> str:  # noqa: N802
        return behind_a_bar(super().formatException(ei))

    def formatStack(self, stack_info: str) -> str:  # noqa: N802
        return behind_a_bar(super().formatStack(stack_info))


def behind_a_bar(text: str) -> str:
    return "\n".join(f"  | {visible(line)}" for line in text.split("\n"))
