"""Reading a list in which LegitSMS has the rows that a test writes down."""

from catalog import sync
from catalog.models import Listing
from legitsms import Rows
from tests.fakes import FakeClient


def refresh(*rows, kind="countries", server=1, **fields):
    """Read a list in which LegitSMS has these rows; returns what is known of that list then."""
    return read(FakeClient(Rows(tuple(rows), ())), kind=kind, server=server, **fields)


def read(client, kind="countries", server=1, **fields):
    listing, _ = Listing.objects.get_or_create(kind=kind, server=server, upstream="sandbox", **fields)
    sync.refresh(listing, client)
    listing.refresh_from_db()
    return listing
