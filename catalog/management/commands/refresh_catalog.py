"""`manage.py refresh_catalog`: reads the servers' lists now, and prints the result of each."""

from time import sleep
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog import sync
from catalog.matching import matches
from catalog.models import Listing, Server
from provider import upstream
from provider.paced_client import NoSlot, Priority

WAIT_SECONDS = 1  # until the budget of requests is asked for a slot once more


class Command(BaseCommand):
    help = "Reads the lists of all servers; with --countries, every country's list too (one request each)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--server", type=int, choices=Server.values, help="only this server's lists")
        parser.add_argument("--countries", action="store_true", help="the lists of single countries too")

    def handle(self, *, server: int | None, countries: bool, **_options: Any) -> None:
        sync.ensure_listings()
        listings = Listing.objects.filter(upstream=upstream.current()).order_by("kind", "server", "country")
        listings = listings.filter(server=server) if server else listings
        for listing in listings.filter(country=""):
            self.refresh(listing)
        for listing in listings.exclude(country="") if countries else listings.none():
            self.refresh(listing)
        matches.suggest(upstream.current())

    def refresh(self, listing: Listing) -> None:
        while True:
            try:
                sync.refresh(listing, upstream.client(upstream.current(), Priority.LOOKED_AT_LIST))
                break
            except NoSlot:
                sleep(WAIT_SECONDS)
        listing.refresh_from_db()
        result = listing.problem or f"{listing.rows} rows, {listing.added} new, {listing.retired} gone"
        self.stdout.write(f"{listing}: {result}")
