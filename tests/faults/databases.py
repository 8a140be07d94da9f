"""Databases in trouble, both kinds: locked by somebody else, or without room for another row."""

import os
import sqlite3
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

import psycopg
from django.db import OperationalError, connection

NO_ROOM = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'no space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT OR UPDATE ON orders_orderevent EXECUTE FUNCTION no_room();
"""


def address():
    """This test's database, as DATABASE_URL has it."""
    name = connection.settings_dict["NAME"]
    if connection.vendor == "sqlite":
        return f"sqlite:///{name}"
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()


def say(*statements):
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def locked(_order=None):
    """Somebody else holds the database, and nobody waits long for it."""
    if connection.vendor == "sqlite":
        other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
        other.execute("BEGIN EXCLUSIVE")
        patience, usual = "PRAGMA busy_timeout = 50", "PRAGMA busy_timeout = 20000"
    else:
        other = psycopg.connect(address().replace("postgres://", "postgresql://"))
        other.execute("LOCK TABLE orders_order, orders_purchase, orders_orderevent IN ACCESS EXCLUSIVE MODE")
        patience, usual = "SET lock_timeout = '50ms'", "SET lock_timeout = '3s'"
    say(patience)
    try:
        yield
    finally:
        other.rollback()
        other.close()
        say(usual)


@contextmanager
def full(order):
    """There is no room for another event of `order`, as on a full disk."""
    if connection.vendor == "sqlite":
        say("PRAGMA max_page_count = 1")  # it stays at what there is
        fill(order)
        undo = ["PRAGMA max_page_count = 4294967294"]
    else:
        say(NO_ROOM)
        undo = ["DROP TRIGGER no_room ON orders_orderevent", "DROP FUNCTION no_room"]
    try:
        yield
    finally:
        say(*undo)


def fill(order):
    """Use up the room that the last pages still have, first in large steps and then in small ones."""
    for detail in ("x" * 300, ""):
        with suppress(OperationalError):
            while True:
                order.events.create(what="filler", detail=detail)
