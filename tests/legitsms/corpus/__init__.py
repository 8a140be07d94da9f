"""Bodies that a server may answer with, and what each must come to. They are kept: what broke something once stays."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent
COLUMNS = re.compile(r" {2,}")


class Dialect(NamedTuple):
    """How one server writes a row of one list; `{}` is where a field's JSON goes, and `None` a field it lacks."""

    kind: str
    server: int
    whole: str
    row: str
    fields: dict[str, str]  # as JSON, of a row as it should be


DIALECTS = [
    Dialect(
        "countries",
        1,
        "[{}]",
        '{{"id": {code}, "rus": "x", "eng": {name}, "visible": {visible}}}',
        {"name": '"USA"', "visible": "1"},
    ),
    Dialect(
        "countries",
        2,
        "[{}]",
        '{{"ID": {code}, "name": {name}, "short_name": {iso}, "cc": {prefix}, "region": "x"}}',
        {"name": '"USA"', "iso": '"US"', "prefix": '"1"'},
    ),
    Dialect(
        "countries",
        3,
        "{{{}}}",
        '{code}: {{"iso": {{{iso}: 1}}, "prefix": {{{prefix}: 1}}, "text_en": {name}}}',
        {"name": '"USA"', "iso": '"us"', "prefix": '"+1"'},
    ),
    Dialect(
        "services",
        1,
        '{{"status": "success", "services": [{}]}}',
        '{{"code": {code}, "name": {name}}}',
        {"name": '"Whatsapp"'},
    ),
    Dialect("services", 2, "[{}]", '{{"ID": {code}, "name": {name}, "favourite": 0}}', {"name": '"Whatsapp"'}),
    Dialect(
        "services",
        3,
        "{{{}}}",
        '{code}: {{"Category": "activation", "Qty": {stock}, "Price": {price}}}',
        {"stock": "450", "price": "1.20"},
    ),
]


class Field(NamedTuple):
    """A JSON value in one field of a row, between two good rows."""

    name: str
    outcome: str
    value: str


def answers() -> dict[str, tuple[str, str, str]]:
    """What getNumber, getStatus and setStatus make of each body."""
    rows = [COLUMNS.split(line, maxsplit=3) for line in lines("answers.txt")]
    return {text(body): (number, status, closing) for number, status, closing, body in rows}


def no_lists() -> dict[str, str]:
    """What every list makes of each body."""
    rows = [COLUMNS.split(line, maxsplit=1) for line in lines("no_lists.txt")]
    return {text(body): outcome for outcome, body in rows}


def fields(dialect: Dialect) -> list[Field]:
    """The values that a row of `dialect` can hold: a key is always a string, and a name may not be there at all."""
    rows = [Field(line[:9].strip(), *COLUMNS.split(line[9:], maxsplit=1)) for line in lines("fields.txt")]
    known = {"code", "row", *dialect.fields}
    is_keyed = dialect.row.startswith("{code}")
    return [row for row in rows if row.name in known and not (is_keyed and row.name == "code" and row.value[0] != '"')]


def body(dialect: Dialect, field: Field) -> str:
    """A list of three rows; the one in the middle holds the value."""
    odd = dialect.fields | {"code": '"odd"', field.name: field.value}
    middle = dialect.row.format(**odd)
    if field.name == "row":
        middle = f'"odd": {field.value}' if dialect.row.startswith("{code}") else field.value
    first, last = (dialect.row.format(**dialect.fields | {"code": code}) for code in ('"first"', '"last"'))
    return dialect.whole.format(f"{first}, {middle}, {last}")


def lines(name: str) -> list[str]:
    kept = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [at_length(line) for line in kept if line and not line.startswith("#")]


def at_length(line: str) -> str:
    return re.sub(r"<<(.) \* (\d+)>>", lambda short: short[1] * int(short[2]), line)


def text(written: str) -> str:
    """A body as the client hands it to a parser: bytes are read as UTF-8, whatever they are."""
    literal, _, times = written.partition(" * ")
    if not times.isdecimal():
        literal, times = written, "1"
    value = ast.literal_eval(literal)
    return (value.decode("utf-8", "replace") if isinstance(value, bytes) else value) * int(times)
