"""Encrypt anew what is kept encrypted, with the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.models import ApiKey
from team import sealing


class Command(BaseCommand):
    help = "Encrypt the API key with the first of FIELD_ENCRYPTION_KEYS; the others are needed no more after that."

    @transaction.atomic
    def handle(self, **_options: Any) -> None:
        row = ApiKey.objects.select_for_update().filter(pk=ApiKey.current().pk).get()
        if row.sealed:
            try:
                row.sealed = sealing.reseal(row.sealed)
            except sealing.CannotUnseal as closed:
                raise CommandError(f"Nothing was changed: {closed}.") from None
            row.save(update_fields=["sealed"])
        self.stdout.write("Everything is encrypted with the first of FIELD_ENCRYPTION_KEYS.")
