"""`manage.py export_decisions > decisions.csv`: exports the administrators' decisions about names."""

import csv
from typing import Any

from django.core.management.base import BaseCommand

from catalog.models import Decision

COLUMNS = ("server", "code", "verdict", "brand_key")


class Command(BaseCommand):
    help = "Writes every decision about a service's name as CSV, for import_decisions on this desk or another."

    def handle(self, **_options: Any) -> None:
        table = csv.writer(self.stdout, lineterminator="\n")
        table.writerow(COLUMNS)
        table.writerows(Decision.objects.values_list(*COLUMNS))
