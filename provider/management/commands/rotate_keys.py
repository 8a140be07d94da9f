"""`manage.py rotate_keys`: re-encrypts all secrets with the first of FIELD_ENCRYPTION_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from provider.models import ApiKey
from team import encryption, second_factor


class Command(BaseCommand):
    help = (
        "Re-encrypts the API key and the secrets of second factors with the first of FIELD_ENCRYPTION_KEYS."
        " The other keys are not needed after that."
    )

    @transaction.atomic
    def handle(self, **_options: Any) -> None:
        try:
            second_factor.reencrypt()
            self.reencrypt_api_key()
        except encryption.DecryptionFailed as fault:
            raise CommandError(f"Nothing was changed: {fault}.") from None
        self.stdout.write("Everything is encrypted with the first of FIELD_ENCRYPTION_KEYS.")

    def reencrypt_api_key(self) -> None:
        row = ApiKey.objects.select_for_update().filter(pk=ApiKey.current().pk).get()
        if row.encrypted_key:
            row.encrypted_key = encryption.reencrypt(row.encrypted_key)
            row.save(update_fields=["encrypted_key"])
