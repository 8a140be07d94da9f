"""Reading one list of one server into the database. A failed, empty or garbled answer keeps the last good list."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

import legitsms
from catalog import upstream
from catalog.models import Country, Entry, Listing, Server, Service
from legitsms import Client, LegitSMSError

log = logging.getLogger(__name__)
WANTED_FOR = timedelta(days=1)


def expect_listings() -> None:
    """See to it that every list of the current upstream that needs no country is known, so that it is read."""
    for server in Server:
        wanted(server, Listing.Kind.COUNTRIES)
        if not server.lists_services_per_country:
            wanted(server, Listing.Kind.SERVICES)


def wanted(server: int, kind: str, country: str = "") -> Listing:
    listing, _ = Listing.objects.get_or_create(upstream=upstream.current(), server=server, kind=kind, country=country)
    return listing


def due() -> list[Listing]:
    """Lists to be read again now: those that everyone needs, and those of a country that someone looked at lately."""
    now = timezone.now()
    looked_at = Q(country="") | Q(wanted_at__gte=now - WANTED_FOR)
    known = Listing.objects.filter(looked_at, upstream=upstream.current())
    return [listing for listing in known if listing.is_due(now)]


def refresh(listing: Listing, client: Client) -> None:
    """Read `listing` from LegitSMS and store what changed, unless another worker is at it."""
    if not Listing.objects.filter(pk=listing.pk, tried_at=listing.tried_at).update(tried_at=timezone.now()):
        return
    try:
        rows = read(listing, client)
    except LegitSMSError as fault:
        log.warning("%s kept as it was: %s", listing, fault)
        Listing.objects.filter(pk=listing.pk).update(problem=str(fault)[:300])
        return
    with transaction.atomic():
        store(listing, rows)
        Listing.objects.filter(pk=listing.pk).update(refreshed_at=timezone.now(), rows=len(rows), problem="")


def read(listing: Listing, client: Client) -> Mapping[str, Mapping[str, Any]]:
    """The fields of each row that LegitSMS lists, by the row's code."""
    if listing.kind == Listing.Kind.COUNTRIES:
        found: legitsms.Rows[Any] = client.get_countries(listing.server)
    else:
        found = client.get_services(listing.server, listing.country or None)
    return {row.code: asdict(row) for row in found.rows}


def store(listing: Listing, rows: Mapping[str, Mapping[str, Any]]) -> None:
    """Write what is new, changed, back or gone. A row that did not change costs no write."""
    model: type[Entry] = Country if listing.kind == Listing.Kind.COUNTRIES else Service
    belongs: dict[str, Any] = {"upstream": listing.upstream, "server": listing.server}
    if model is Service:
        belongs["country"] = listing.country
    known = {entry.code: entry for entry in model.objects.filter(**belongs)}
    model.objects.bulk_create([model(**belongs, **rows[code]) for code in rows if code not in known], batch_size=500)
    changed = [entry for code, entry in known.items() if code in rows and has_changed(entry, rows[code])]
    names = [name for name in next(iter(rows.values()), {}) if name != "code"]
    model.objects.bulk_update(changed, [*names, "retired_at"], batch_size=200)
    gone = [entry.pk for code, entry in known.items() if code not in rows and entry.retired_at is None]
    for some in batches(gone):
        model.objects.filter(pk__in=some).update(retired_at=timezone.now())


def has_changed(entry: Entry, row: Mapping[str, Any]) -> bool:
    """Take over what `row` says; true where that differs from what is stored, or the row was retired."""
    differs = entry.retired_at is not None or any(getattr(entry, name) != value for name, value in row.items())
    entry.retired_at = None
    for name, value in row.items():
        setattr(entry, name, value)
    return differs


def batches(keys: list[int], size: int = 500) -> Iterable[list[int]]:
    return (keys[start : start + size] for start in range(0, len(keys), size))
