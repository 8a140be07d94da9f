"""The lists of countries and services, in the three dialects of the three servers.

A row that cannot be used is left out with its reason: strangers write these lists. What is no list raises `Garbled`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from legitsms.exceptions import Garbled, Uncertain
from legitsms.list_fields import RowError, code_of, iso_of, name_of, prefix_of, price_of, stock_of
from legitsms.replies import BLANKS, LISTING, plain, refusal_or_doubt

T = TypeVar("T")

MAX_COMMAS = 200_000  # a dozen times what the longest real list has; millions of rows would take gigabytes
MAX_DIGITS = 20  # more than any id has; Python itself refuses to print integers of thousands


@dataclass(frozen=True, slots=True)
class Country:
    """A country that numbers can be bought in."""

    code: str  # what getNumber takes on this server
    name: str
    iso: str  # two capital letters, or "" where the server does not say
    prefix: str  # the digits its phone numbers begin with, or ""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that numbers can be bought for."""

    code: str  # what getNumber takes on this server
    name: str
    price: Decimal | None  # None: not published, which is not the same as free
    stock: int | None  # None: not published


@dataclass(frozen=True, slots=True)
class Rows(Generic[T]):
    """What a list holds: its usable rows, as published, and a line for each row that was left out."""

    rows: tuple[T, ...]
    rejected: tuple[str, ...]


class Row(dict[str, Any]):
    """A JSON object that remembers all its pairs, since strangers repeat keys. The first of them counts."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        self.pairs = pairs


Entries = Iterable[tuple[object, object]]  # a code and its row, neither looked at yet
Reader = Callable[[str, Row], T | None]  # None: a row that is not for sale
Dialect = tuple[Callable[[object], Entries], Reader[T]]


def parse_countries(server: int, text: str) -> Rows[Country]:
    """Read what getCountries answers on `server` (1, 2 or 3)."""
    return _parse(text, COUNTRIES[server])


def parse_services(server: int, text: str) -> Rows[Service]:
    """Read what getServices answers on `server` (1, 2 or 3). Only server 3 publishes price and stock."""
    return _parse(text, SERVICES[server])


def _parse(text: str, dialect: Dialect[T]) -> Rows[T]:
    entries, read = dialect
    try:
        return _collect(entries(_load(text)), read)
    except Garbled as garbled:
        kind = garbled.kind
    answer = refusal_or_doubt(plain(text), LISTING)
    raise Garbled(kind, text) if type(answer) is Uncertain else answer


def _load(text: str) -> object:
    """Return the JSON in `text`, in which a number that no sane list holds is None, and costs its own row only."""
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
    except ArithmeticError:  # an exponent beyond all bounds
        return None


def _collect(entries: Entries, read: Reader[T]) -> Rows[T]:
    """Read every row; of two with the same code the first counts."""
    rows: dict[str, T] = {}
    rejected: list[str] = []
    for place, (code, row) in enumerate(entries, start=1):
        try:
            new, found = _new(code, rows), _row(row)
            if item := read(new, found):
                rows[new] = item
        except RowError as reason:
            rejected.append(f"row {place}: {reason}")
    if not rows:
        raise Garbled("no usable row")
    return Rows(tuple(rows.values()), tuple(rejected))


def _new(value: object, known: Container[str]) -> str:
    code = code_of(value)
    if code in known:
        raise RowError(f"code {code} again")
    return code


def _row(value: object) -> Row:
    if not isinstance(value, Row):
        raise RowError("not an object")
    return value


def _array(key: str) -> Callable[[object], Entries]:
    """Read a list ``[{key: code, …}, …]``."""

    def entries(found: object) -> Entries:
        if not isinstance(found, list):
            raise Garbled("wrong shape")
        return ((row.get(key) if isinstance(row, Row) else None, row) for row in found)

    return entries


def _wrapped(found: object) -> Entries:
    """Read a list ``{"status": "success", "services": [{"code": code, …}, …]}``."""
    return _array("code")(found.get("services") if isinstance(found, Row) else found)


def _keyed(found: object) -> Entries:
    """Read a list ``{code: {…}, …}``."""
    if not isinstance(found, Row):
        raise Garbled("wrong shape")
    return found.pairs


def _only_key(value: object) -> object:
    """Return the key of ``{"us": 1}``, which is how server 3 writes "us"."""
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


COUNTRIES: dict[int, Dialect[Country]] = {
    1: (_array("id"), _country_1),
    2: (_array("ID"), _country_2),
    3: (_keyed, _country_3),
}
SERVICES: dict[int, Dialect[Service]] = {
    1: (_wrapped, _service),
    2: (_array("ID"), _service),
    3: (_keyed, _service_3),
}
