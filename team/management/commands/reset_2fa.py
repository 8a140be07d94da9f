"""`manage.py reset_2fa NAME`: for a member who lost phone, passkeys and recovery codes."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandParser

from team import password_link


class Command(BaseCommand):
    help = "Removes authenticator app, passkeys and recovery codes of a member. The password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="username or e-mail address")

    def handle(self, *, name: str, **_options: Any) -> None:
        member = password_link.find_member(name)
        Authenticator.objects.filter(user=member).delete()
        self.stdout.write(f"{member} signs in with the password alone now, until a second factor is set up again.")
