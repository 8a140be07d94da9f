"""What can be bought: a service in a country on a server, and all offers of one brand in one place."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import sync, tasks, upstream
from catalog.models import Brand, Country, CurrentQuerySet, Listing, Place, Price, Server, Service


class NotListed(Exception):  # noqa: N818  a fact for the person who chooses
    """The server's list has no such row. The message says what to do, in plain words."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True)
class Offer:
    """One way to buy. `price` and `stock` are None where the server publishes none."""

    server: int
    country: Country
    service: Service
    price: Decimal | None
    stock: int | None
    listed_at: datetime | None

    @property
    def server_name(self) -> str:
        return Server(self.server).label

    @property
    def title(self) -> str:
        """The service as people know it; a bundle as its server calls it."""
        brands = list(self.service.brands.all())
        return brands[0].name if len(brands) == 1 else self.service.name

    @property
    def iso(self) -> str:
        """Two small letters, or none."""
        return (self.country.place.iso if self.country.place else self.country.iso).lower()

    @property
    def value(self) -> str:
        """The codes that getNumber takes, in one text for a form. No code holds the sign between them."""
        return f"{self.server}|{self.country.code}|{self.service.code}"

    def amount(self, quantity: int) -> Decimal | None:
        return None if self.price is None else self.price * quantity


def find(server: int, country: str, service: str) -> Offer:
    """The offer of these codes (or exact names). Raises `NotListed` where the server's lists have no such row."""
    where = one(Country.objects.listed(server), country)
    if where is None:
        raise NotListed("country", f"Server {server} does not list this country. Choose one from its list.")
    listing = look_at(server, where.code)
    what = one(services(server, where.code), service)
    if what is None and listing.refreshed_at is None:
        raise NotListed("service", f"The list of server {server} is still being fetched. Try again in a moment.")
    if what is None:
        raise NotListed("service", f"Server {server} does not list this service. Choose one from its list.")
    return make(where, [what], listing)[0]


def make(country: Country, services: list[Service], listing: Listing) -> list[Offer]:
    known = Price.objects.filter(service__in=services, country=country.code, retired_at=None)
    figures = {price.service_id: (price.price, price.stock) for price in known}
    none = (None, None)
    return [
        Offer(country.server, country, each, *figures.get(each.pk, none), listing.refreshed_at) for each in services
    ]


def one(rows: CurrentQuerySet, text: str) -> Any:
    """The row with this code, else the only one with this name."""
    if row := rows.filter(code=text).first():
        return row
    named = rows.filter(name__iexact=text.strip())[:2]
    return named[0] if len(named) == 1 else None


def services(server: int, country: str) -> CurrentQuerySet:
    """What `server` sells in the country with this code; one that does not say sells everything everywhere."""
    listed = Service.objects.listed(server)
    if Server(server).lists_services_per_country:
        sold = Price.objects.filter(country=country, retired_at=None)
        return listed.filter(pk__in=sold.values("service"))
    return listed


def look_at(server: int, country: str) -> Listing:
    """The services' listing that applies in `country`. Someone looks at it, so it is fetched when it is old."""
    per_country = Server(server).lists_services_per_country
    listing = sync.wanted(server, Listing.Kind.SERVICES, country if per_country else "")
    if per_country:
        Listing.objects.filter(pk=listing.pk).update(wanted_at=timezone.now())
        listing.refresh_from_db()
        if listing.is_due():
            transaction.on_commit(partial(tasks.wake, listing.pk))
    return listing


@dataclass(frozen=True, slots=True)
class Found:
    """Every offer of a brand in a place."""

    offers: list[Offer]
    missing: list[int]  # servers without one
    is_pending: bool  # a list that may hold more is being fetched


def compare(brand: Brand, place: Place) -> Found:
    """What each server offers of `brand` in `place`: every matching row of its own, never two merged into one."""
    found: list[Offer] = []
    is_pending = False
    for country in place.countries.filter(upstream=upstream.current(), retired_at=None).order_by("server", "variant"):
        listing = look_at(country.server, country.code)
        is_pending |= listing.is_awaited()
        fitting = services(country.server, country.code).filter(brands=brand).order_by("name", "code")
        found += make(country, list(fitting), listing)
    missing = [server for server in Server.values if server not in {offer.server for offer in found}]
    return Found(found, missing, is_pending)


def sold_in(brand: Brand) -> dict[str, set[int]]:
    """By the key of each place where `brand` is sold, the servers that sell it there."""
    listed = Service.objects.filter(upstream=upstream.current(), retired_at=None, brands=brand)
    everywhere = set(listed.values_list("server", flat=True))
    priced = set(Price.objects.filter(service__in=listed, retired_at=None).values_list("country", flat=True))
    here = Country.objects.filter(
        upstream=upstream.current(), retired_at=None, server__in=everywhere, place__isnull=False
    )
    found: dict[str, set[int]] = defaultdict(set)
    for server, code, key in here.exclude(place=None).values_list("server", "code", "place__key"):
        if code in priced or not Server(server).lists_services_per_country:
            found[key].add(server)
    return dict(found)


def sold_elsewhere(brand: Brand) -> list[tuple[int, int]]:
    """On which server, in how many places, `brand` is sold."""
    servers = [server for at in sold_in(brand).values() for server in at]
    return sorted(Counter(servers).items())
