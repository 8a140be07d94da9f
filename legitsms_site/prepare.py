"""The steps before the processes start: migrations, static files, the first administrator."""

import hashlib
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command


def prepare() -> None:
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    call_command("createcachetable", verbosity=0)
    collect_static()
    call_command("rematch_catalog", "--if-facts-changed")
    call_command("first_administrator")


def collect_static() -> None:
    """Collect and compress the static files, unless they have not changed since."""
    stamp = settings.STATIC_ROOT / ".stamp"
    if stamp.exists() and stamp.read_text() == fingerprint():
        return
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fingerprint())


def fingerprint() -> str:
    files = ((storage.path(name), name) for finder in get_finders() for name, storage in finder.list([]))
    stats = sorted(f"{name} {Path(path).stat().st_size} {Path(path).stat().st_mtime_ns}" for path, name in files)
    return hashlib.sha256("\n".join(stats).encode()).hexdigest()
