"""`python -m legitsms_site` starts the whole desk in this terminal; with the name of a role, that one process.

`prepare` does what comes before all of them; `healthy ROLE` ends with 0 if that role's heart beats.
"""

import os
import sys
from contextlib import suppress

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")


def main(words: list[str]) -> None:
    from legitsms_site import roles  # noqa: PLC0415  the settings are read here, and may be wrong

    role = words[0] if words else ""
    os.environ["PROCESS_ROLE"] = roles.process_role(role)
    if role == "prepare":
        prepare()
    elif role == "healthy":
        check(*words[1:2])
    elif role:
        become(role)
    else:
        prepare()
        run()


def prepare() -> None:
    from legitsms_site.prepare import prepare as steps  # noqa: PLC0415

    steps()


def check(role: str = "") -> None:
    """End this process as a container's health check wants it: with 1 where the heart of `role` does not beat."""
    django.setup()
    from legitsms_site.health import lives  # noqa: PLC0415  models can be imported only after the set-up

    if not lives(role)():
        sys.exit(f"«{role}» shows no sign of life.")


def become(role: str) -> None:
    """Turn into the process of `role`, which ends when its supervisor does."""
    from legitsms_site import roles  # noqa: PLC0415
    from legitsms_site.celery import die_with_parent  # noqa: PLC0415

    try:
        command = roles.command(role)
    except KeyError:
        sys.exit(f"There is no role «{role}».")
    if os.getppid() > 1:
        die_with_parent()
    os.execv(command[0], command)


def run() -> None:
    from django.conf import settings  # noqa: PLC0415

    from legitsms_site.supervision import supervise  # noqa: PLC0415

    with suppress(OSError):  # a log without room keeps no desk from starting
        print(f"LegitSMS Desk {settings.VERSION} is at {settings.SITE_URL}  (Ctrl-C ends it)", flush=True)  # noqa: T201
    supervise()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ImproperlyConfigured as wrong:
        sys.exit(f"LegitSMS Desk cannot start: {wrong}")
