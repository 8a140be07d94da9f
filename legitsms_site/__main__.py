"""`python -m legitsms_site` starts the whole desk in this terminal; with the name of a role, only that process.

`prepare` runs migrations and the other steps before a start. `healthy ROLE` exits with 0 if that role has a heartbeat.
"""

import os
import sys
from contextlib import suppress

import django
from django.core.exceptions import ImproperlyConfigured

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")


def main(arguments: list[str]) -> None:
    from legitsms_site import processes  # noqa: PLC0415  reads the settings, which may be invalid

    role = arguments[0] if arguments else ""
    os.environ["PROCESS_ROLE"] = processes.process_role(role)
    if role == "prepare":
        prepare()
    elif role == "healthy":
        check_health(*arguments[1:2])
    elif role:
        exec_process(role)
    else:
        prepare()
        run()


def prepare() -> None:
    from legitsms_site.prepare import prepare as run_steps  # noqa: PLC0415

    run_steps()


def check_health(role: str = "") -> None:
    """Exit with 1 if `role` has no heartbeat, for the health check of a container."""
    django.setup()
    from legitsms_site.health import heartbeat_check  # noqa: PLC0415  models can be imported only after the set-up

    if not heartbeat_check(role)():
        sys.exit(f"«{role}» shows no sign of life.")


def exec_process(role: str) -> None:
    """Replace this process with the one of `role`, which ends when its supervisor does."""
    from legitsms_site import processes  # noqa: PLC0415
    from legitsms_site.celery import die_with_parent  # noqa: PLC0415

    try:
        command = processes.command(role)
    except KeyError:
        sys.exit(f"There is no role «{role}».")
    if os.getppid() > 1:
        die_with_parent()
    os.execv(command[0], command)


def run() -> None:
    from django.conf import settings  # noqa: PLC0415

    from legitsms_site.supervision import supervise  # noqa: PLC0415

    with suppress(OSError):  # a full disk for the log must not prevent the start
        print(f"LegitSMS Desk {settings.VERSION} is at {settings.SITE_URL}  (Ctrl-C ends it)", flush=True)  # noqa: T201
    supervise()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except ImproperlyConfigured as error:
        sys.exit(f"LegitSMS Desk cannot start: {error}")
