"""`manage.py refresh_catalog`: read the servers' lists now, and say what came of it."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from catalog import joins, sync, upstream
from catalog.models import Listing, Server


class Command(BaseCommand):
    help = "Reads the lists of all servers; with --countries, every country's list too (one request each)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--server", type=int, choices=Server.values, help="only this server's lists")
        parser.add_argument("--countries", action="store_true", help="the lists of single countries too")

    def handle(self, *, server: int | None, countries: bool, **_options: Any) -> None:
        sync.expect_listings()
        known = Listing.objects.filter(upstream=upstream.current()).order_by("kind", "server", "country")
        known = known.filter(server=server) if server else known
        for listing in known.filter(country=""):
            self.read(listing)
        for listing in known.exclude(country="") if countries else known.none():
            self.read(listing)
        joins.suggest(upstream.current())

    def read(self, listing: Listing) -> None:
        sync.refresh(listing, upstream.client(upstream.current()))
        listing.refresh_from_db()
        told = listing.problem or f"{listing.rows} rows, {listing.added} new, {listing.retired} gone"
        self.stdout.write(f"{listing}: {told}")
