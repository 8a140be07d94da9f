"""The Celery task of the provider: the test of the API key."""

from contextlib import suppress

from celery import shared_task
from kombu.exceptions import OperationalError

from provider import key_check, upstream
from provider.models import ApiKey


@shared_task(name="provider.test_key")
def test_key() -> None:
    """Test the key in force and record the result, which the administrator's page shows."""
    row = ApiKey.current()
    if row.is_test_pending:
        row.record_answer(key_check.check_key(upstream.client(upstream.current())))


def enqueue_test() -> None:
    """Send `test_key`. If the broker is down, the page reports that no worker carried out the test."""
    with suppress(OperationalError, OSError):
        test_key.apply_async((), expires=30)
