"""`manage.py first_administrator`: creates the first administrator, or prints the link to create one."""

from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from team import first_administrator
from team.models import User
from team.roles import Role


class Command(BaseCommand):
    help = (
        "Makes the administrator of ADMIN_USERNAME and ADMIN_PASSWORD, or prints the one-time link, if there is none."
    )

    def handle(self, **_options: Any) -> None:
        if first_administrator.exists():
            return
        username, password = settings.ADMIN_USERNAME, settings.ADMIN_PASSWORD
        if username and password:
            User.objects.create_superuser(username, password=password).take_role(Role.ADMINISTRATOR)
            self.print(f"Administrator {username} made from ADMIN_USERNAME and ADMIN_PASSWORD.")
        else:
            self.print(f"Create the first administrator: {first_administrator.link()}")

    def print(self, text: str) -> None:
        with suppress(OSError):  # a full disk for the log must not prevent the start
            self.stdout.write(text)
