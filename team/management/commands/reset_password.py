"""`manage.py reset_password NAME`: for a member who forgot the password."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from team import password_link


class Command(BaseCommand):
    help = "Prints a link with which a member chooses a new password: once, within the hour. The second factor stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="username or e-mail address")

    def handle(self, *, name: str, **_options: Any) -> None:
        member = password_link.find_member(name)
        if not member.is_active:
            raise CommandError(f"The account of {member} is switched off.")
        self.stdout.write(password_link.link(member))
