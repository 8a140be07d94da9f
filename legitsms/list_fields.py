"""Validates and normalises the fields of a list's row, for display, storage and use in requests.

Every function accepts any JSON value: the lists are untrusted input.
"""

from __future__ import annotations

import re
from decimal import Decimal

NAME_LENGTH = 120
MAX_PRICE = Decimal(1_000_000)
MIN_PRICE = Decimal("0.0001")  # a smaller one would be rounded to 0
PRICE_DECIMALS = 4
MAX_STOCK = 2**31 - 1  # the largest value of a database's integer column
JOINERS = "\u200c\u200d"  # zero-width (non-)joiner: not printable, but part of Persian words and of emoji

CODE = re.compile(r"[0-9A-Za-z_.-]{1,64}")
ISO = re.compile(r"[A-Za-z]{2}")
PREFIX = re.compile(r"\+?([0-9]{1,4})[ -]?([0-9]{0,4})")
AMOUNT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,12})?")


class RowError(ValueError):
    """A row cannot be used; the message says why."""


def code_of(value: object) -> str:
    """Return the code that getNumber takes. Raises `RowError` unless it is a plain number or string."""
    code = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not CODE.fullmatch(code):
        raise RowError("no usable code")
    return code


def name_of(value: object) -> str:
    """Return the name on one line, without control characters and without bidirectional overrides.

    Those would hide or reverse the text beside the name in a menu. Raises `RowError` if nothing is left.
    """
    text = value if isinstance(value, str) else ""
    if not text.isprintable():
        text = "".join(c for c in text if c.isprintable() or c.isspace() or c in JOINERS)
    name = " ".join(text.split())[:NAME_LENGTH].strip()
    if not name:
        raise RowError("no name")
    return name


def iso_of(value: object) -> str:
    """Return an ISO 3166 code of two capital letters, or ""."""
    if not isinstance(value, str) or not ISO.fullmatch(value):
        return ""
    iso = value.upper()
    return "GB" if iso == "UK" else iso  # server 2 writes UK, which is not an ISO 3166 code


def prefix_of(value: object) -> str:
    """Return a calling code's digits, from ``+1`` or ``1-684``, or ""."""
    found = PREFIX.fullmatch(str(value)) if isinstance(value, str | int) else None
    return found[1] + found[2] if found else ""


def price_of(value: object) -> Decimal | None:
    """Return a price in dollars with at most 4 decimals, or None: then it counts as not published."""
    price = _amount(value)
    if price is None or price >= MAX_PRICE or 0 < price < MIN_PRICE:
        return None
    rounded = abs(round(price, PRICE_DECIMALS))  # abs() turns -0 into 0
    return rounded if rounded < MAX_PRICE else None


def stock_of(value: object) -> int | None:
    """Return the stock, or None if the value is not a whole number: then it counts as not published."""
    stock = _amount(value)
    return int(stock) if stock is not None and stock <= MAX_STOCK and stock == int(stock) else None


def _amount(value: object) -> Decimal | None:
    """Return a non-negative number, given as a number or as a numeric string; else None."""
    if isinstance(value, str):
        return Decimal(value) if AMOUNT.fullmatch(value) else None
    if isinstance(value, int | Decimal) and not isinstance(value, bool) and value >= 0:
        return Decimal(value)
    return None
