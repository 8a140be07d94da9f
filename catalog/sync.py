"""Reading one list of one server into the database. A failed, garbled or halved answer keeps the last good list."""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from django.db import models, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

import legitsms
from catalog import joins, upstream
from catalog.models import Country, Listing, Price, Server, Service
from legitsms import Client, LegitSMSError

log = logging.getLogger(__name__)
REASONS_KEPT = 20  # of rows that were left out
Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """The keys of the rows that are new, that say something else or are back, and that are gone."""

    added: frozenset[Any] = frozenset()
    changed: frozenset[Any] = frozenset()
    retired: frozenset[Any] = frozenset()
    is_renamed: bool = False  # other names can be found than before

    @property
    def is_any(self) -> bool:
        return bool(self.added or self.changed or self.retired)


UNCHANGED = Change()


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
    """Lists to be read again now, and one country's list a time: many countries are a trickle, never a burst.

    The one that was tried longest ago comes first, so that lists which fail again and again hold no other back.
    """
    now = timezone.now()
    known = Listing.objects.filter(upstream=upstream.current()).order_by(F("tried_at").asc(nulls_first=True), "pk")
    aged = [listing for listing in known if listing.is_due(now)]
    return [listing for listing in aged if not listing.country] + [listing for listing in aged if listing.country][:1]


def refresh(listing: Listing, client: Client) -> Change:
    """Read `listing` from LegitSMS and store what changed, unless another worker is at it."""
    began = timezone.now()
    this = Listing.objects.filter(pk=listing.pk)
    if not this.filter(tried_at=listing.tried_at).update(tried_at=began):
        return UNCHANGED
    try:
        found = read(listing, client)
    except LegitSMSError as fault:
        log.warning("%s kept as it was: %s", listing, fault)
        this.update(problem=str(fault)[:300])
        return UNCHANGED
    if listing.is_suspiciously_short(len(found.rows)):
        this.update(held_rows=len(found.rows), problem=f"Held back: {len(found.rows)} rows instead of {listing.rows}.")
        return UNCHANGED
    with transaction.atomic():
        change = store(listing, {row.code: asdict(row) for row in found.rows})
        now = timezone.now()
        if change.is_renamed:
            this.update(changed_at=now)
        this.update(
            refreshed_at=now,
            took=now - began,
            rows=len(found.rows),
            added=len(change.added),
            retired=len(change.retired),
            rejected="\n".join(found.rejected[:REASONS_KEPT]),
            problem="",
            held_rows=None,
            may_shrink=False,
        )
    return change


def read(listing: Listing, client: Client) -> legitsms.Rows[Any]:
    if listing.kind == Listing.Kind.COUNTRIES:
        return client.get_countries(listing.server)
    return client.get_services(listing.server, listing.country or None)


def store(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    """Write what is new, changed, back or gone. A row that did not change costs no write."""
    if listing.kind == Listing.Kind.COUNTRIES:
        return store_countries(listing, rows)
    if listing.country:
        return store_prices(listing, rows)
    names = {code: {"name": row["name"]} for code, row in rows.items()}
    return store_services(listing, names, retire=True)


def store_countries(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    mine = Country.objects.filter(upstream=listing.upstream, server=listing.server)
    change = upsert(mine, "code", rows, {"server": listing.server, "upstream": listing.upstream})
    joins.place_countries(mine.filter(Q(code__in=change.added | change.changed) | Q(place=None)))
    if Server(listing.server).lists_services_per_country:
        expect_countries(listing, rows, change)
    return replace(change, is_renamed=change.is_any)


def expect_countries(listing: Listing, codes: Iterable[str], change: Change) -> None:
    """See to it that each country's own list is read; those of a country that is gone end with it."""
    per_country = {"upstream": listing.upstream, "server": listing.server, "kind": Listing.Kind.SERVICES}
    Listing.objects.bulk_create([Listing(**per_country, country=code) for code in codes], ignore_conflicts=True)
    if change.retired:
        services = Service.objects.filter(upstream=listing.upstream, server=listing.server)
        gone = Price.objects.filter(service__in=services, country__in=change.retired, retired_at=None)
        gone.update(retired_at=timezone.now())
        Listing.objects.filter(**per_country, country__in=change.retired).delete()
        retire_unsold(services)


def store_services(listing: Listing, names: Mapping[str, Fields], *, retire: bool) -> Change:
    mine = Service.objects.filter(upstream=listing.upstream, server=listing.server)
    change = upsert(mine, "code", names, {"server": listing.server, "upstream": listing.upstream}, retire=retire)
    joins.brand_services(mine.filter(code__in=change.added | change.changed))
    return replace(change, is_renamed=change.is_any)


def store_prices(listing: Listing, rows: Mapping[str, Fields]) -> Change:
    """One country's list of a server that lists by country. Its services are known by their codes in all countries."""
    named = store_services(listing, {code: {"name": row["name"]} for code, row in rows.items()}, retire=False)
    services = Service.objects.filter(upstream=listing.upstream, server=listing.server)
    pks = dict(services.values_list("code", "pk"))
    prices = {pks[code]: {"price": row["price"], "stock": row["stock"]} for code, row in rows.items()}
    mine = Price.objects.filter(service__in=services, country=listing.country)
    change = upsert(mine, "service_id", prices, {"country": listing.country})
    unsold = retire_unsold(services.filter(pk__in=change.retired)) if change.retired else 0
    return replace(change, is_renamed=named.is_any or bool(unsold))


def retire_unsold(services: "models.QuerySet[Service]") -> int:
    """Retire those of `services` that no country has any more."""
    sold = Price.objects.filter(service=OuterRef("pk"), retired_at=None)
    return services.filter(~Exists(sold), retired_at=None).update(retired_at=timezone.now())


def upsert(
    mine: "models.QuerySet[Any]",
    key: str,
    rows: Mapping[Any, Fields],
    belongs: Fields,
    *,
    retire: bool = True,
) -> Change:
    """Make the rows of `mine`, told apart by `key`, what `rows` say."""
    known = {getattr(entry, key): entry for entry in mine.all()}
    new = {
        code: mine.model(**{key: code} | dict(belongs) | without_code(row))
        for code, row in rows.items()
        if code not in known
    }
    mine.model.objects.bulk_create(new.values(), batch_size=500, ignore_conflicts=True)  # another list's worker
    changed = {code: entry for code, entry in known.items() if code in rows and has_changed(entry, rows[code])}
    fields = [*next(iter(map(without_code, rows.values())), {}), "retired_at"]
    mine.model.objects.bulk_update(changed.values(), fields, batch_size=200)
    gone = {code: entry.pk for code, entry in known.items() if retire and code not in rows and entry.retired_at is None}
    mine.model.objects.filter(pk__in=gone.values()).update(retired_at=timezone.now())
    return Change(frozenset(new), frozenset(changed), frozenset(gone))


def without_code(row: Fields) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "code"}


def has_changed(entry: Any, row: Fields) -> bool:
    """Take over what `row` says; true where that differs from what is stored, or the row was retired."""
    differs = entry.retired_at is not None or any(getattr(entry, name) != value for name, value in row.items())
    entry.retired_at = None
    for name, value in row.items():
        setattr(entry, name, value)
    return differs
