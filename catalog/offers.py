"""Offers: a service in a country on a server, and all offers of one brand in one place."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import sync, tasks
from catalog.models import Brand, Country, CurrentQuerySet, Listing, Place, Price, Server, Service
from provider import upstream


class NotListed(Exception):  # noqa: N818  an expected outcome, shown to the member
    """The server's list has no such row. The message tells the member what to do."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Offer:
    """One service in one country on one server. `price` and `stock` are None if the server does not publish them."""

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
        """The brand's name, or the server's name for a bundle of several brands."""
        brands = list(self.service.brands.all())
        return brands[0].name if len(brands) == 1 else self.service.name

    @property
    def iso(self) -> str:
        """The country code in lower case, or empty."""
        return (self.country.place.iso if self.country.place else self.country.iso).lower()

    @property
    def value(self) -> str:
        """Server and the codes for getNumber, as one form value. No code contains the separator."""
        return f"{self.server}|{self.country.code}|{self.service.code}"

    def amount(self, quantity: int) -> Decimal | None:
        return None if self.price is None else self.price * quantity


def get_offer(server: int, country: str, service: str) -> Offer:
    """Return the offer with these codes or exact names. Raises `NotListed` if the server does not list it."""
    country_row = get_by_code_or_name(Country.objects.listed(server), country)
    if country_row is None:
        raise NotListed("country", f"Server {server} does not list this country. Choose one from its list.")
    listing = view_listing(server, country_row.code)
    service_row = get_by_code_or_name(services_sold(server, country_row.code), service)
    if service_row is None and listing.refreshed_at is None:
        raise NotListed("service", f"The list of server {server} is still being fetched. Try again in a moment.")
    if service_row is None:
        raise NotListed("service", f"Server {server} does not list this service. Choose one from its list.")
    return build_offers(country_row, [service_row], listing)[0]


def build_offers(country: Country, services: list[Service], listing: Listing) -> list[Offer]:
    prices = Price.objects.filter(service__in=services, country=country.code, retired_at=None)
    by_service = {price.service_id: (price.price, price.stock) for price in prices}
    unpublished = (None, None)
    return [
        Offer(country.server, country, service, *by_service.get(service.pk, unpublished), listing.refreshed_at)
        for service in services
    ]


def get_by_code_or_name(rows: CurrentQuerySet, text: str) -> Any:
    """Return the row with this code, or the only one with this name, or None."""
    if row := rows.filter(code=text).first():
        return row
    named = rows.filter(name__iexact=text.strip())[:2]
    return named[0] if len(named) == 1 else None


def services_sold(server: int, country: str) -> CurrentQuerySet:
    """The services that `server` sells in the country with this code.

    A server that does not list services by country sells all of them in every country.
    """
    listed = Service.objects.listed(server)
    if Server(server).lists_services_per_country:
        sold = Price.objects.filter(country=country, retired_at=None)
        return listed.filter(pk__in=sold.values("service"))
    return listed


def view_listing(server: int, country: str) -> Listing:
    """Return the listing of services for `country`.

    A listing per country is marked as viewed, and its refresh is enqueued if it is old.
    """
    per_country = Server(server).lists_services_per_country
    listing = sync.get_listing(server, Listing.Kind.SERVICES, country if per_country else "")
    if per_country:
        Listing.objects.filter(pk=listing.pk).update(wanted_at=timezone.now())
        listing.refresh_from_db()
        if listing.is_due():
            transaction.on_commit(partial(tasks.enqueue, listing.pk))
    return listing


@dataclass(frozen=True, slots=True)
class BrandOffers:
    """All offers of a brand in a place."""

    offers: list[Offer]
    missing: list[int]  # servers without an offer
    is_pending: bool  # a list that may contain more offers is being fetched


def find_offers(brand: Brand, place: Place) -> BrandOffers:
    """Return all offers of `brand` in `place`: one per matching row, since rows are never merged."""
    found: list[Offer] = []
    is_pending = False
    for country in place.countries.filter(upstream=upstream.current(), retired_at=None).order_by("server", "variant"):
        listing = view_listing(country.server, country.code)
        is_pending |= listing.is_awaited()
        services = services_sold(country.server, country.code).filter(brands=brand).order_by("name", "code")
        found += build_offers(country, list(services), listing)
    missing = [server for server in Server.values if server not in {offer.server for offer in found}]
    return BrandOffers(found, missing, is_pending)


def servers_by_place(brand: Brand) -> dict[str, set[int]]:
    """Return the key of each place where `brand` is sold, with the servers that sell it there."""
    listed = Service.objects.filter(upstream=upstream.current(), retired_at=None, brands=brand)
    servers = set(listed.values_list("server", flat=True))
    priced = set(Price.objects.filter(service__in=listed, retired_at=None).values_list("country", flat=True))
    countries = Country.objects.filter(
        upstream=upstream.current(), retired_at=None, server__in=servers, place__isnull=False
    )
    found: dict[str, set[int]] = defaultdict(set)
    for server, code, key in countries.exclude(place=None).values_list("server", "code", "place__key"):
        if code in priced or not Server(server).lists_services_per_country:
            found[key].add(server)
    return dict(found)


def place_counts(brand: Brand) -> list[tuple[int, int]]:
    """Return each server that sells `brand`, with the number of places where it does."""
    servers = [server for selling in servers_by_place(brand).values() for server in selling]
    return sorted(Counter(servers).items())
