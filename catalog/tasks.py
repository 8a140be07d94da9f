"""Doors through which Celery reaches the catalogue."""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from celery import shared_task
from kombu.exceptions import OperationalError

from catalog import checking, joins, sync, upstream
from catalog.models import ApiKey, Listing
from catalog.upstream import Upstream


@shared_task(name="catalog.refresh_due")
def refresh_due() -> None:
    """Beat entry: read every list that is old, then look what could be joined."""
    sync.expect_listings()
    due = sync.due()
    for listing in due:
        wake(listing.pk)
    if not due:
        suggest_anew(upstream.current(), Listing.last_change())


@lru_cache(maxsize=2)
def suggest_anew(upstream_: str, changed_at: datetime | None) -> None:
    """Look for likenesses once after names have changed, and only when nothing is left to read: it takes seconds."""
    if changed_at:
        joins.suggest(upstream_)


@shared_task(name="catalog.refresh_list")
def refresh_list(listing_id: int) -> None:
    """Read one list, so that one slow server holds no other list back. Rung twice, it is read once."""
    listing = Listing.objects.get(pk=listing_id)
    if listing.is_due():
        sync.refresh(listing, upstream.client(Upstream(listing.upstream)))


def wake(listing_id: int) -> None:
    """Ring for a list. A broker that is down costs only time: beat finds the list."""
    with suppress(OperationalError, OSError):
        refresh_list.apply_async((listing_id,), expires=60)


@shared_task(name="catalog.test_key")
def test_key() -> None:
    """Ask LegitSMS whether it accepts the key in force, for the administrator who waits for the answer."""
    row = ApiKey.current()
    if row.is_asked:
        row.record_answer(checking.verdict(upstream.client(upstream.current())))


def wake_test() -> None:
    with suppress(OperationalError, OSError):
        test_key.apply_async((), expires=30)
