"""How the lists are: their age, what changed, what is wrong with them, and what is still to be matched."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import models, transaction
from django.utils import timezone

from catalog import tasks, upstream
from catalog.models import Brand, Country, Listing, Place, Server, Service
from catalog.models.lists import FRESH_FOR

SERVERS_JOINED = 2


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """One server's lists."""

    number: int
    countries: int
    services: int
    refreshed_at: datetime | None  # the older of its lists that need no country
    took: timedelta | None
    added: int
    retired: int
    problem: str
    rejected: list[str]
    fresh: int | None  # countries whose list is fresh, on a server that has one for each
    of: int | None
    held: list[Listing]


def lists(server: int | None = None) -> "models.QuerySet[Listing]":
    known = Listing.objects.filter(upstream=upstream.current())
    return known.filter(server=server) if server else known


def servers() -> list[ServerHealth]:
    return [health(server) for server in Server]


def health(server: Server) -> ServerHealth:
    main = list(lists(server).filter(country=""))
    per_country = lists(server).exclude(country="")
    ages = [listing.refreshed_at for listing in main]
    fresh = per_country.filter(refreshed_at__gte=timezone.now() - FRESH_FOR).count()
    troubled = lists(server).exclude(problem="").first()
    took = [listing.took for listing in main if listing.took]
    changes = lists(server).filter(country="").aggregate(added=models.Sum("added"), retired=models.Sum("retired"))
    rejected = lists(server).exclude(rejected="").values_list("rejected", flat=True)[:5]
    return ServerHealth(
        number=server,
        countries=Country.objects.listed(server).count(),
        services=Service.objects.listed(server).count(),
        refreshed_at=None if None in ages or not ages else min(at for at in ages if at),
        took=sum(took, timedelta()) if took else None,
        added=changes["added"] or 0,
        retired=changes["retired"] or 0,
        problem=troubled.problem if troubled else "",
        rejected=[line for text in rejected for line in text.splitlines()],
        fresh=fresh if server.lists_services_per_country else None,
        of=per_country.count() if server.lists_services_per_country else None,
        held=list(lists(server).filter(held_rows__isnull=False)),
    )


def joined() -> dict[str, int]:
    """How many places and brands two servers or more have, and how many only one."""
    counts = {}
    for name, model, through in (("places", Place, "countries"), ("brands", Brand, "services")):
        listed = {f"{through}__upstream": upstream.current(), f"{through}__retired_at": None}
        homes = model.objects.filter(**listed).annotate(homes=models.Count(f"{through}__server", distinct=True))
        counts[f"{name}_joined"] = homes.filter(homes__gte=SERVERS_JOINED).count()
        counts[f"{name}_alone"] = homes.filter(homes=1).count()
    return counts


def want_refresh() -> None:
    """Ask for all lists that need no country to be read now, unless they were a moment ago."""
    main = lists().filter(country="")
    main.update(wanted_at=timezone.now())
    for listing in main:
        if listing.is_due():
            transaction.on_commit(partial(tasks.wake, listing.pk))


def is_refreshing() -> bool:
    return any(listing.is_awaited() for listing in lists().filter(country="", wanted_at__isnull=False))


def accept(listing: Listing) -> None:
    """Believe a list that shrank: read it once more, and take it as it is."""
    lists().filter(pk=listing.pk).update(may_shrink=True, tried_at=None, wanted_at=timezone.now(), problem="")
    transaction.on_commit(partial(tasks.wake, listing.pk))
