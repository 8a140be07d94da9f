"""`manage.py import_decisions decisions.csv`: take over what people decided, here before or on another desk."""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from catalog import joins
from catalog.management.commands.export_decisions import COLUMNS
from catalog.models import Brand, Decision, Server, Service

LONGEST = 130  # characters of any field


class RowError(ValueError):
    """The row cannot be a decision of this desk; the message says why."""


class Command(BaseCommand):
    help = "Takes over decisions from a CSV file that export_decisions wrote, and joins by them."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **_options: Any) -> None:
        taken = 0
        with transaction.atomic():
            for line, row in enumerate(rows(file), start=2):
                try:
                    take_over(row)
                except RowError as reason:
                    self.stderr.write(f"line {line} left out: {reason}")
                else:
                    taken += 1
        self.stdout.write(f"{taken} decisions taken over")


def rows(file: Path) -> list[dict[str, str]]:
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            table = csv.DictReader(lines)
            columns, found = table.fieldnames or (), list(table)
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise CommandError(f"{file} cannot be read: {fault}") from None
    if missing := [name for name in COLUMNS if name not in columns]:
        raise CommandError(f"{file} has no column {', '.join(missing)}")
    return found


def take_over(row: Mapping[str, str | None]) -> None:
    server, code, verdict, brand_key = ((row[name] or "").strip() for name in COLUMNS)
    if any("\0" in text or len(text) > LONGEST for text in (code, brand_key)):
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
    joins.decide(service, brand, verdict, None)
