"""What stays out of the log."""

import logging


class NotAHealthCheck(logging.Filter):
    """Keeps «not ready» out of the log: whoever asks is told, and asks every few seconds."""

    def filter(self, record: logging.LogRecord) -> bool:
        return getattr(getattr(record, "request", None), "path", "") != "/readyz"
