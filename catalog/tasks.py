"""The Celery tasks of the catalogue."""

from contextlib import suppress
from datetime import datetime
from functools import lru_cache

from celery import shared_task
from kombu.exceptions import OperationalError

from catalog import sync
from catalog.matching import matches
from catalog.models import Listing
from provider import upstream
from provider.choices import Upstream
from provider.paced_client import NoSlot, Priority


@shared_task(name="catalog.refresh_due")
def refresh_due() -> None:
    """Beat entry: enqueue every list that is due. When there is none, update the suggestions."""
    sync.ensure_listings()
    due = sync.due()
    for listing in due:
        enqueue(listing.pk)
    if not due:
        update_suggestions(upstream.current(), Listing.last_change())


@lru_cache(maxsize=2)
def update_suggestions(upstream_: str, changed_at: datetime | None) -> None:
    """Compute the suggestions once per change of names, which the cache ensures: it takes seconds."""
    if changed_at:
        matches.suggest(upstream_)


@shared_task(name="catalog.refresh_list")
def refresh_list(listing_id: int) -> None:
    """Read one list, so that a slow server does not delay other lists. A second message reads nothing."""
    listing = Listing.objects.get(pk=listing_id)
    if listing.is_due():
        with suppress(NoSlot):  # `refresh_due` finds it again
            sync.refresh(listing, upstream.client(Upstream(listing.upstream), priority(listing)))


def priority(listing: Listing) -> Priority:
    """The first lists of a new desk, and those that somebody looks at, are read before the others."""
    is_first = listing.refreshed_at is None and not listing.country
    return Priority.LOOKED_AT_LIST if is_first or listing.is_viewed() else Priority.BACKGROUND_LIST


def enqueue(listing_id: int) -> None:
    """Send `refresh_list`. If the broker is down, `refresh_due` finds the list again."""
    with suppress(OperationalError, OSError):
        refresh_list.apply_async((listing_id,), expires=60)
