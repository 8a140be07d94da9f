"""The desk on which all examples happen: members and an offer that stay, and tables that each example finds empty."""

from decimal import Decimal
from types import SimpleNamespace

from django.conf import settings
from django.db import connection

from catalog import offers
from orders.worker.journal import journal
from provider import upstream
from team.models import Limit
from tests.factories import make_heartbeats, make_offer, make_user
from tests.model.tally import Tally
from tests.model.team import USUAL

TABLES = ("orders_code", "orders_orderevent", "orders_order", "orders_purchase", "orders_weather")
PRICE = Decimal("0.45")
A_DAY = 6 * PRICE


def furnish():
    """What outlives the examples. Nothing waits for the disk: no test here lets the machine lose its power."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous=OFF")
    make_offer(3, price=PRICE)
    members = {name: make_user(name, role) for name, role in USUAL.items()}
    Limit.objects.create(member=members["ana"], spending_a_day=A_DAY)
    return SimpleNamespace(members=members, offer=offers.get_offer(3, "187", "wa"), tally=Tally())


def clean():
    """Every example begins with an empty desk, and with the same ids, as polls get their phase from them."""
    with connection.cursor() as cursor:
        for statement in emptying(connection.vendor):
            cursor.execute(statement)
    close_journal()
    upstream.clear_cache()
    for path in (settings.DATA_DIR / "journal").glob("*"):
        path.unlink()
    make_heartbeats()


def emptying(vendor):
    if vendor == "postgresql":  # deleted rows would stay in the way of every search until somebody vacuums
        return [f"TRUNCATE {', '.join(TABLES)} RESTART IDENTITY"]
    deletes = [f"DELETE FROM {table}" for table in TABLES]  # noqa: S608
    return [*deletes, "DELETE FROM sqlite_sequence WHERE name LIKE 'orders_%%'"]


def close_journal():
    """A process closes its journal when it ends; here hundreds of processes are one."""
    journal().close()
    journal.cache_clear()
