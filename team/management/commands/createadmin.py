"""`manage.py createadmin NAME`: adds an administrator, for example when the others cannot sign in any more."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from team import password_link
from team.models import User
from team.roles import Role


class Command(BaseCommand):
    help = "Makes an administrator, and prints the link with which they choose their password: once, within the hour."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="username")
        parser.add_argument("--email", default="")

    @transaction.atomic
    def handle(self, *, name: str, email: str, **_options: Any) -> None:
        member = User(username=name, email=email)
        member.set_unusable_password()
        try:
            member.full_clean()
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        member.save()
        member.take_role(Role.ADMINISTRATOR)
        self.stdout.write(password_link.link(member))
