"""Reads one list of one server into the database. After a failed, garbled or cut response the last good list stays."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

import legitsms
from catalog.matching import matches
from catalog.models import Country, Listing, Price, Server, Service
from legitsms import LegitSMSError
from provider import upstream
from provider.paced_client import NoSlot, PacedClient

log = logging.getLogger(__name__)
MAX_REJECTED = 20  # stored reasons why rows were left out
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The keys of the rows that are new, that changed or reappeared, and that disappeared."""

    added: frozenset[Any] = frozenset()
    changed: frozenset[Any] = frozenset()
    retired: frozenset[Any] = frozenset()
    has_new_names: bool = False  # the search finds other names than before

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.changed or self.retired)


UNCHANGED = Change()


def ensure_listings() -> None:
    """Create the missing listings of the current upstream that are not per country, so that they are read."""
    for server in Server:
        get_listing(server, Listing.Kind.COUNTRIES)
        if not server.lists_services_per_country:
            get_listing(server, Listing.Kind.SERVICES)


def get_listing(server: int, kind: str, country: str = "") -> Listing:
    listing, _ = Listing.objects.get_or_create(upstream=upstream.current(), server=server, kind=kind, country=country)
    return listing


def due() -> list[Listing]:
    """Return the lists to read now, of those per country only one at a time, so that no burst of requests is sent.

    The list that was tried longest ago comes first, so that failing lists do not delay the others.
    """
    now = timezone.now()
    listings = Listing.objects.filter(upstream=upstream.current()).order_by(F("tried_at").asc(nulls_first=True), "pk")
    old = [listing for listing in listings if listing.is_due(now)]
    return [listing for listing in old if not listing.country] + [listing for listing in old if listing.country][:1]


def refresh(listing: Listing, client: PacedClient) -> Change:
    """Read `listing` from LegitSMS and store the changes, unless another worker is reading it.

    Raises `NoSlot` if no request was allowed; the list is then due as before.
    """
    began = timezone.now()
    row = Listing.objects.filter(pk=listing.pk)
    if not row.filter(tried_at=listing.tried_at).update(tried_at=began):
        return UNCHANGED
    try:
        found = fetch(listing, client)
    except NoSlot:
        row.update(tried_at=listing.tried_at)
        raise
    except LegitSMSError as fault:
        log.warning("%s kept as it was: %s", listing, fault)
        row.update(problem=str(fault)[:300])
        return UNCHANGED
    if listing.is_suspiciously_short(len(found.rows)):
        row.update(held_rows=len(found.rows), problem=f"Held back: {len(found.rows)} rows instead of {listing.rows}.")
        return UNCHANGED
    with transaction.atomic():
        change = store(listing, {entry.code: asdict(entry) for entry in found.rows})
        now = timezone.now()
        if change.has_new_names:
            row.update(changed_at=now)
        row.update(
            refreshed_at=now,
            took=now - began,
            rows=len(found.rows),
            added=len(change.added),
            retired=len(change.retired),
            rejected="\n".join(found.rejected[:MAX_REJECTED]),
            problem="",
            held_rows=None,
            may_shrink=False,
        )
    return change


def fetch(listing: Listing, client: PacedClient) -> legitsms.Rows[Any]:
    if listing.kind == Listing.Kind.COUNTRIES:
        return client.get_countries(listing.server)
    return client.get_services(listing.server, listing.country or None)


def store(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    """Store the rows. A row that did not change costs no write."""
    if listing.kind == Listing.Kind.COUNTRIES:
        return store_countries(listing, rows)
    if listing.country:
        return store_prices(listing, rows)
    names = {code: {"name": row["name"]} for code, row in rows.items()}
    return store_services(listing, names, retire=True)


def store_countries(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    stored = Country.objects.filter(upstream=listing.upstream, server=listing.server)
    change = upsert(stored, "code", rows, {"server": listing.server, "upstream": listing.upstream})
    matches.assign_places(stored.filter(Q(code__in=change.added | change.changed) | Q(place=None)))
    if Server(listing.server).lists_services_per_country:
        ensure_country_listings(listing, rows, change)
    return replace(change, has_new_names=change.is_any)


def ensure_country_listings(listing: Listing, codes: Iterable[str], change: Change) -> None:
    """Create the listing of each country. Delete the listings of retired countries, and retire their prices."""
    per_country = {"upstream": listing.upstream, "server": listing.server, "kind": Listing.Kind.SERVICES}
    Listing.objects.bulk_create([Listing(**per_country, country=code) for code in codes], ignore_conflicts=True)
    if change.retired:
        services = Service.objects.filter(upstream=listing.upstream, server=listing.server)
        gone = Price.objects.filter(service__in=services, country__in=change.retired, retired_at=None)
        gone.update(retired_at=timezone.now())
        Listing.objects.filter(**per_country, country__in=change.retired).delete()
        retire_unsold(services)


def store_services(listing: Listing, names: Mapping[str, Fields], *, retire: bool) -> Change:
    stored = Service.objects.filter(upstream=listing.upstream, server=listing.server)
    change = upsert(stored, "code", names, {"server": listing.server, "upstream": listing.upstream}, retire=retire)
    matches.assign_brands(stored.filter(code__in=change.added | change.changed))
    return replace(change, has_new_names=change.is_any)


def store_prices(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    """Store one country's list. A service has the same code in all countries of its server."""
    service_change = store_services(listing, {code: {"name": row["name"]} for code, row in rows.items()}, retire=False)
    services = Service.objects.filter(upstream=listing.upstream, server=listing.server)
    pks = dict(services.values_list("code", "pk"))
    prices = {pks[code]: {"price": row["price"], "stock": row["stock"]} for code, row in rows.items()}
    stored = Price.objects.filter(service__in=services, country=listing.country)
    change = upsert(stored, "service_id", prices, {"country": listing.country})
    unsold = retire_unsold(services.filter(pk__in=change.retired)) if change.retired else 0
    return replace(change, has_new_names=service_change.is_any or bool(unsold))


def retire_unsold(services: "models.QuerySet[Service]") -> int:
    """Retire those of `services` that are not sold in any country. Return how many."""
    sold = Price.objects.filter(service=OuterRef("pk"), retired_at=None)
    return services.filter(~Exists(sold), retired_at=None).update(retired_at=timezone.now())


def upsert(
    stored: "models.QuerySet[Any]",
    key: str,
    rows: Mapping[Any, Fields],
    common_fields: Fields,
    *,
    retire: bool = True,
) -> Change:
    """Make `stored`, whose rows are identified by `key`, equal to `rows`. New rows also get `common_fields`."""
    known = {getattr(entry, key): entry for entry in stored.all()}
    new = {
        code: stored.model(**{key: code} | dict(common_fields) | without_code(row))
        for code, row in rows.items()
        if code not in known
    }
    # Conflicts: the worker of another list may have created the same row
    stored.model.objects.bulk_create(new.values(), batch_size=500, ignore_conflicts=True)
    changed = {code: entry for code, entry in known.items() if code in rows and update_entry(entry, rows[code])}
    fields = [*next(iter(map(without_code, rows.values())), {}), "retired_at"]
    stored.model.objects.bulk_update(changed.values(), fields, batch_size=200)
    gone = {code: entry.pk for code, entry in known.items() if retire and code not in rows and entry.retired_at is None}
    stored.model.objects.filter(pk__in=gone.values()).update(retired_at=timezone.now())
    return Change(frozenset(new), frozenset(changed), frozenset(gone))


def without_code(row: Fields) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "code"}


def update_entry(entry: Any, row: Fields) -> bool:
    """Set the fields of `entry`, without saving. Return whether anything changed or the entry was retired."""
    is_changed = entry.retired_at is not None or any(getattr(entry, name) != value for name, value in row.items())
    entry.retired_at = None
    for name, value in row.items():
        setattr(entry, name, value)
    return is_changed
