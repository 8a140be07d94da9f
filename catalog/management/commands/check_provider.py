"""Ask LegitSMS, now and from here, whether it answers and accepts the key."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog import checking, upstream
from team.sealing import CannotUnseal


class Command(BaseCommand):
    help = "Ask LegitSMS whether it answers and accepts the key in force. Buys nothing."

    def handle(self, **_options: Any) -> None:
        known = upstream.current()
        try:
            client = upstream.client(known)
        except CannotUnseal as closed:
            raise CommandError(f"The stored API key cannot be read: {closed}.") from None
        self.stdout.write(f"{known.label}: {checking.verdict(client)}")
