"""One thing that can be bought: a service in a country on a server, as its lists say."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog import sync, tasks
from catalog.models import Country, CurrentQuerySet, Listing, Server, Service


class NotListed(Exception):  # noqa: N818  a fact for the person who chooses
    """The server's list has no such row. The message says what to do, in plain words."""

    def __init__(self, field: str, told: str) -> None:
        super().__init__(told)
        self.field = field


@dataclass(frozen=True, slots=True)
class Offer:
    server: int
    country: Country
    service: Service
    listed_at: datetime | None

    @property
    def server_name(self) -> str:
        return Server(self.server).label

    @property
    def price(self) -> Decimal | None:
        return self.service.price

    @property
    def stock(self) -> int | None:
        return self.service.stock

    def amount(self, quantity: int) -> Decimal | None:
        return None if self.price is None else self.price * quantity


def find(server: int, country: str, service: str) -> Offer:
    """The offer of these codes (or exact names). Raises `NotListed` where the server's lists have no such row."""
    place = one(Country.objects.listed(server), country)
    if place is None:
        raise NotListed("country", f"Server {server} does not list this country. Choose one from its list.")
    listing = look_at(server, place.code)
    thing = one(services(server, place.code), service)
    if thing is None and listing.refreshed_at is None:
        raise NotListed("service", f"The list of server {server} is still being fetched. Try again in a moment.")
    if thing is None:
        raise NotListed("service", f"Server {server} does not list this service. Choose one from its list.")
    return Offer(server, place, thing, listing.refreshed_at)


def one(rows: CurrentQuerySet, text: str) -> Any:
    """The row with this code, else the only one with this name."""
    if row := rows.filter(code=text).first():
        return row
    named = rows.filter(name__iexact=text.strip())[:2]
    return named[0] if len(named) == 1 else None


def services(server: int, country: str) -> Any:
    per_country = Server(server).lists_services_per_country
    return Service.objects.listed(server).filter(country=country if per_country else "")


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
