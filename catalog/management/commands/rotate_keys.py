"""Encrypt anew what is kept encrypted, with the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from catalog.models import ApiKey
from team import sealing, second_factor


class Command(BaseCommand):
    help = (
        "Encrypt the API key and the secrets of second factors with the first of FIELD_ENCRYPTION_KEYS;"
        " the others are needed no more after that."
    )

    @transaction.atomic
    def handle(self, **_options: Any) -> None:
        try:
            second_factor.reseal()
            self.reseal_api_key()
        except sealing.CannotUnseal as closed:
            raise CommandError(f"Nothing was changed: {closed}.") from None
        self.stdout.write("Everything is encrypted with the first of FIELD_ENCRYPTION_KEYS.")

    def reseal_api_key(self) -> None:
        row = ApiKey.objects.select_for_update().filter(pk=ApiKey.current().pk).get()
        if row.sealed:
            row.sealed = sealing.reseal(row.sealed)
            row.save(update_fields=["sealed"])
