"""`manage.py import_decisions decisions.csv`: imports decisions that this or another desk exported."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog.management.commands.export_decisions import COLUMNS
from catalog.matching import matches
from catalog.models import Brand, Decision, Server, Service

MAX_FIELD_LENGTH = 130  # characters


class RowError(ValueError):
    """The row is no valid decision for this desk. The message says why."""


class Command(BaseCommand):
    help = "Takes over decisions from a CSV file that export_decisions wrote, and joins by them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        imported = 0
        with transaction.atomic():
            for line, row in enumerate(read_rows(file), start=2):
                try:
                    import_decision(row)
                except RowError as error:
                    self.stderr.write(f"line {line} left out: {error}")
                else:
                    imported += 1
        self.stdout.write(f"{imported} decisions taken over")


def read_rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            columns, rows = table.fieldnames or (), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise CommandError(f"{file} cannot be read: {error}") from None
    if missing := [name for name in COLUMNS if name not in columns]:
        raise CommandError(f"{file} has no column {', '.join(missing)}")
    return rows


def import_decision(row: Mapping[str, str | None]) -> None:
    server, code, verdict, brand_key = ((row[name] or "").strip() for name in COLUMNS)
    if any("\0" in text or len(text) > MAX_FIELD_LENGTH for text in (code, brand_key)):
        raise RowError("no usable code or brand")
    if server not in map(str, Server.values):
        raise RowError(f"there is no server «{server[:20]}»")
    if verdict not in Decision.Verdict.values:
        raise RowError(f"«{verdict[:20]}» is none of {', '.join(Decision.Verdict.values)}")
    service = Service.objects.filter(server=int(server), code=code).first()
    if service is None:
        raise RowError(f"server {server} lists no service with the code «{code}»")
    brand = Brand.objects.filter(key=brand_key).first()
    if brand is None:
        raise RowError(f"there is no brand «{brand_key}»")
    matches.decide(service, brand, verdict, None)
