"""Doors through which Celery reaches the catalogue."""

from contextlib import suppress

from celery import shared_task
from kombu.exceptions import OperationalError

from catalog import joins, sync, upstream
from catalog.models import Listing
from catalog.upstream import Upstream


@shared_task(name="catalog.refresh_due")
def refresh_due() -> None:
    """Beat entry: read every list that is old."""
    sync.expect_listings()
    for listing in sync.due():
        wake(listing.pk)


@shared_task(name="catalog.refresh_list")
def refresh_list(listing_id: int) -> None:
    """Read one list, so that one slow server holds no other list back. Rung twice, it is read once."""
    listing = Listing.objects.get(pk=listing_id)
    if listing.is_due() and sync.refresh(listing, upstream.client(Upstream(listing.upstream))).is_renamed:
        joins.suggest(listing.upstream)


def wake(listing_id: int) -> None:
    """Ring for a list. A broker that is down costs only time: beat finds the list."""
    with suppress(OperationalError, OSError):
        refresh_list.apply_async((listing_id,), expires=60)
