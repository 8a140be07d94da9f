"""Parses the lists of countries and services. Each of the three servers has its own JSON format.

A row that cannot be used is left out, and its reason is reported: the lists are untrusted input. A text that is not a
list raises `Garbled`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from legitsms.envelopes import BLANKS, plain
from legitsms.error_words import Call
from legitsms.exceptions import Garbled, Uncertain
from legitsms.list_fields import RowError, code_of, iso_of, name_of, prefix_of, price_of, stock_of
from legitsms.replies import failure

T = TypeVar("T")

MAX_COMMAS = 200_000  # 12 times as many as in the longest real list; millions of rows would take gigabytes of memory
MAX_DIGITS = 20  # no id is longer; Python raises ValueError for integers of thousands of digits


@dataclass(frozen=True, slots=True)
class Country:
    """A country in which a server sells numbers."""

    code: str  # what getNumber takes on this server
    name: str
    iso: str  # two capital letters, or "" where the server does not say
    prefix: str  # calling code, digits only, or ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service for which a server sells numbers."""

    code: str  # what getNumber takes on this server
    name: str
    price: Decimal | None  # in dollars; None: not published; only server 3 does
    stock: int | None  # None: not published


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """A parsed list: its usable rows, in their order, and one line of text for each row that was left out."""

    rows: tuple[T, ...]
    rejected: tuple[str, ...]


class Row(dict[str, Any]):
    """A JSON object that keeps all its pairs, repeated keys included. Of a repeated key the first value counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        self.pairs = pairs


Entries = Iterable[tuple[object, object]]  # pairs of code and row, neither validated yet
Reader = Callable[[str, Row], T | None]  # returns None for a row that is hidden
Format = tuple[Callable[[object], Entries], Reader[T]]


def parse_countries(server: int, text: str) -> Rows[Country]:
    """Parse the answer to getCountries of `server` (1, 2 or 3). Raises `Garbled`, `Refused` or `ServerFault`."""
    return _parse(text, COUNTRIES[server])


def parse_services(server: int, text: str) -> Rows[Service]:
    """Parse the answer to getServices of `server` (1, 2 or 3). Raises as `parse_countries` does."""
    return _parse(text, SERVICES[server])


def _parse(text: str, format_: Format[T]) -> Rows[T]:
    entries, read = format_
    try:
        return _collect(entries(_load(text)), read)
    except Garbled as garbled:
        kind = garbled.kind
    answer = failure(plain(text), Call.LISTS)
    raise Garbled(kind, text) if type(answer) is Uncertain else answer


def _load(text: str) -> object:
    """Return the JSON in `text`. A number out of range becomes None, so that it invalidates its own row only."""
    text = text.strip(BLANKS)
    if not text:
        raise Garbled("empty")
    if text.count(",") > MAX_COMMAS:
        raise Garbled("too many rows")
    try:
        return json.loads(
            text, object_pairs_hook=Row, parse_int=_integer, parse_float=_decimal, parse_constant=lambda _: None
        )
    except (ValueError, RecursionError):
        raise Garbled("not JSON") from None


def _integer(digits: str) -> int | None:
    return int(digits) if len(digits) <= MAX_DIGITS else None


def _decimal(digits: str) -> Decimal | None:
    try:
        return Decimal(digits)
    except ArithmeticError:  # the exponent is too large
        return None


def _collect(entries: Entries, read: Reader[T]) -> Rows[T]:
    """Read every row. Of two rows with the same code the first counts."""
    rows: dict[str, T] = {}
    rejected: list[str] = []
    for place, (code, row) in enumerate(entries, start=1):
        try:
            unique, fields = _unique_code(code, rows), _object(row)
            if item := read(unique, fields):
                rows[unique] = item
        except RowError as reason:
            rejected.append(f"row {place}: {reason}")
    if not rows:
        raise Garbled("no usable row")
    return Rows(tuple(rows.values()), tuple(rejected))


def _unique_code(value: object, known: Container[str]) -> str:
    code = code_of(value)
    if code in known:
        raise RowError(f"code {code} again")
    return code


def _object(value: object) -> Row:
    if not isinstance(value, Row):
        raise RowError("not an object")
    return value


def _array(key: str) -> Callable[[object], Entries]:
    """Return a reader of the format ``[{key: code, …}, …]``."""

    def entries(found: object) -> Entries:
        if not isinstance(found, list):
            raise Garbled("wrong shape")
        return ((row.get(key) if isinstance(row, Row) else None, row) for row in found)

    return entries


def _wrapped(found: object) -> Entries:
    """Read the format ``{"status": "success", "services": [{"code": code, …}, …]}``."""
    return _array("code")(found.get("services") if isinstance(found, Row) else found)


def _keyed(found: object) -> Entries:
    """Read the format ``{code: {…}, …}``."""
    if not isinstance(found, Row):
        raise Garbled("wrong shape")
    return found.pairs


def _only_key(value: object) -> object:
    """Return the first key of an object: server 3 writes "us" as ``{"us": 1}``."""
    return value.pairs[0][0] if isinstance(value, Row) and value.pairs else None


def _country_1(code: str, row: Row) -> Country | None:
    return None if str(row.get("visible")) == "0" else Country(code, name_of(row.get("eng")), "", "")


def _country_2(code: str, row: Row) -> Country:
    return Country(code, name_of(row.get("name")), iso_of(row.get("short_name")), prefix_of(row.get("cc")))


def _country_3(code: str, row: Row) -> Country:
    iso, prefix = _only_key(row.get("iso")), _only_key(row.get("prefix"))
    return Country(code, name_of(row.get("text_en")), iso_of(iso), prefix_of(prefix))


def _service(code: str, row: Row) -> Service:
    return Service(code, name_of(row.get("name")), None, None)


def _service_3(code: str, row: Row) -> Service:
    if row.keys().isdisjoint({"Category", "Qty", "Price"}):
        raise RowError("not a service")
    return Service(code, code, price_of(row.get("Price")), stock_of(row.get("Qty")))


COUNTRIES: dict[int, Format[Country]] = {
    1: (_array("id"), _country_1),
    2: (_array("ID"), _country_2),
    3: (_keyed, _country_3),
}
SERVICES: dict[int, Format[Service]] = {
    1: (_wrapped, _service),
    2: (_array("ID"), _service),
    3: (_keyed, _service_3),
}
