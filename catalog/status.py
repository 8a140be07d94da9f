"""The state of the lists: their age, the last changes and problems, and how many entries are matched."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import models, transaction
from django.utils import timezone

from catalog import tasks
from catalog.models import Brand, Country, Listing, Place, Server, Service
from catalog.models.lists import FRESH_FOR
from provider import upstream

MATCHED_SERVERS = 2  # an entry that fewer servers have is unmatched


@dataclass(frozen=True, slots=True)
class ServerStatus:
    """The state of one server's lists."""

    number: int
    countries: int
    services: int
    refreshed_at: datetime | None  # of the oldest of its lists that are not per country
    took: timedelta | None
    added: int
    retired: int
    problem: str
    rejected: list[str]
    fresh_countries: int | None  # countries with a fresh list, on a server with a list per country
    listed_countries: int | None  # countries with a list, on such a server
    held: list[Listing]  # lists that were held back because they shrank


def listings(server: int | None = None) -> "models.QuerySet[Listing]":
    current = Listing.objects.filter(upstream=upstream.current())
    return current.filter(server=server) if server else current


def server_statuses() -> list[ServerStatus]:
    return [server_status(server) for server in Server]


def server_status(server: Server) -> ServerStatus:
    main = list(listings(server).filter(country=""))
    per_country = listings(server).exclude(country="")
    ages = [listing.refreshed_at for listing in main]
    fresh_countries = per_country.filter(refreshed_at__gte=timezone.now() - FRESH_FOR).count()
    failed = listings(server).exclude(problem="").first()
    took = [listing.took for listing in main if listing.took]
    changes = listings(server).filter(country="").aggregate(added=models.Sum("added"), retired=models.Sum("retired"))
    rejected = listings(server).exclude(rejected="").values_list("rejected", flat=True)[:5]
    return ServerStatus(
        number=server,
        countries=Country.objects.listed(server).count(),
        services=Service.objects.listed(server).count(),
        refreshed_at=None if None in ages or not ages else min(at for at in ages if at),
        took=sum(took, timedelta()) if took else None,
        added=changes["added"] or 0,
        retired=changes["retired"] or 0,
        problem=failed.problem if failed else "",
        rejected=[line for text in rejected for line in text.splitlines()],
        fresh_countries=fresh_countries if server.lists_services_per_country else None,
        listed_countries=per_country.count() if server.lists_services_per_country else None,
        held=list(listings(server).filter(held_rows__isnull=False)),
    )


def match_counts() -> dict[str, int]:
    """Return how many places and brands two servers or more have, and how many only one has."""
    counts = {}
    for name, model, through in (("places", Place, "countries"), ("brands", Brand, "services")):
        listed = {f"{through}__upstream": upstream.current(), f"{through}__retired_at": None}
        server_count = models.Count(f"{through}__server", distinct=True)
        rows = model.objects.filter(**listed).annotate(server_count=server_count)
        counts[f"{name}_matched"] = rows.filter(server_count__gte=MATCHED_SERVERS).count()
        counts[f"{name}_unmatched"] = rows.filter(server_count=1).count()
    return counts


def request_refresh() -> None:
    """Mark all lists that are not per country as viewed, and enqueue those that are due."""
    main = listings().filter(country="")
    main.update(wanted_at=timezone.now())
    for listing in main:
        if listing.is_due():
            transaction.on_commit(partial(tasks.enqueue, listing.pk))


def is_refreshing() -> bool:
    return any(listing.is_awaited() for listing in listings().filter(country="", wanted_at__isnull=False))


def accept_short_list(listing: Listing) -> None:
    """Read a list that was held back once more, and accept it although it shrank."""
    listings().filter(pk=listing.pk).update(may_shrink=True, tried_at=None, wanted_at=timezone.now(), problem="")
    transaction.on_commit(partial(tasks.enqueue, listing.pk))
