"""`manage.py rematch_catalog`: matches all entries again, with the facts that this version ships."""

import hashlib
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from catalog.matching import matches
from catalog.matching.rules import FACTS


class Command(BaseCommand):
    help = "Joins every row of the lists anew; people's decisions stay."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--if-facts-changed", action="store_true", help="only after an upgrade with other facts")

    def handle(self, *, if_facts_changed: bool, **_options: Any) -> None:
        stamp = settings.DATA_DIR / "facts.stamp"
        checksum = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(FACTS.glob("*.csv")))).hexdigest()
        if if_facts_changed and stamp.exists() and stamp.read_text() == checksum:
            return
        matches.rematch_all()
        stamp.write_text(checksum)
