"""Amounts of money in dollars: parses the answers to getPrices and getBalance, and writes `max_price`.

None of the three is in the API's document; LegitSMS's own newer clients use them. Money is `Decimal`, never `float`.
"""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal

from legitsms.envelopes import json_object, plain
from legitsms.error_words import Call
from legitsms.exceptions import NotSent
from legitsms.list_fields import MAX_PRICE, PRICE_DECIMALS, price_of
from legitsms.replies import failure

BALANCE = re.compile(r"ACCESS_BALANCE:([0-9]{1,9}(?:\.[0-9]{1,9})?)")
SMALLEST = Decimal(1).scaleb(-PRICE_DECIMALS)


def parse_price(text: str) -> Decimal:
    """Parse ``{"status": "SUCCESS", "price": 0.45}``. Raises `Refused` or `Uncertain` for anything else.

    A price of 0 is not believed: where a price is not published, it is not shown as $0.00 either.
    """
    text = plain(text)
    match json_object(text):
        case {"status": "SUCCESS", "price": value} if price := price_of(value):
            return price
    raise failure(text, Call.GET_PRICES)


def parse_balance(text: str) -> Decimal:
    """Parse ``ACCESS_BALANCE:17.154``. Raises `Refused` or `Uncertain` for anything else."""
    text = plain(text)
    if found := BALANCE.fullmatch(text):
        return Decimal(found[1])
    raise failure(text, Call.GET_BALANCE)


def format_max_price(amount: Decimal) -> str:
    """Return `amount` in plain digits, rounded down to 4 decimals so that the limit is never exceeded.

    Raises `NotSent` if it is not a price: not finite, below 0.0001, or a million dollars or more.
    """
    if not amount.is_finite() or not SMALLEST <= amount < MAX_PRICE:
        raise NotSent("input")
    return f"{amount.quantize(SMALLEST, ROUND_DOWN):f}".rstrip("0").rstrip(".")
