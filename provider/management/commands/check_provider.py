"""`manage.py check_provider`: asks LegitSMS from this machine whether it accepts the key, and prints the result."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from provider import key_check, upstream
from team.encryption import DecryptionFailed


class Command(BaseCommand):
    help = "Ask LegitSMS whether it answers and accepts the key in force. Buys nothing."

    def handle(self, **_options: Any) -> None:
        current = upstream.current()
        try:
            client = upstream.client(current)
        except DecryptionFailed as fault:
            raise CommandError(f"The stored API key cannot be read: {fault}.") from None
        self.stdout.write(f"{current.label}: {key_check.check_key(client)}")
