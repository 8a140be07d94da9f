"""Reading a list in which LegitSMS has the rows that a test writes down."""

from decimal import Decimal

import legitsms
from catalog import sync
from catalog.models import Listing
from legitsms import Rows
from tests.fakes import FakeClient

USA = legitsms.Country("187", "USA", "US", "1")
FRANCE = legitsms.Country("78", "France", "FR", "33")


def refresh(*rows, kind="countries", server=1, **fields):
    """Read a list in which LegitSMS has these rows; returns what is known of that list then."""
    return read(FakeClient(Rows(tuple(rows), ())), kind=kind, server=server, **fields)


def read(client, kind="countries", server=1, **fields):
    listing, _ = Listing.objects.get_or_create(kind=kind, server=server, upstream="sandbox", **fields)
    sync.refresh(listing, client)
    listing.refresh_from_db()
    return listing


def prices(**names):
    return [legitsms.Service(name, name, Decimal(price), 1) for name, price in names.items()]


def on_three(*rows, country="usa"):
    return refresh(*rows, kind="services", server=3, country=country)


def many(count):
    return [legitsms.Service(f"s{n}", f"Service {n}", None, None) for n in range(count)]
