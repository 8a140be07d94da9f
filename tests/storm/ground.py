"""A desk of its own for one part of the storm, and Django in this process looking at the same database."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import django
import psycopg

from tests.stack.crew import Crew


def own_database(folder: Path) -> str:
    """The address of a new database on the server of DATABASE_URL; without one, of a SQLite file."""
    server = os.environ.get("DATABASE_URL", "")
    if not server:
        return f"sqlite:///{folder}/desk.sqlite3"
    name = folder.name.replace("-", "_").lower()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    return urlsplit(server)._replace(path=f"/{name}").geturl()


@contextmanager
def scratch(name: str) -> Iterator[Path]:
    """A folder that is kept where something went wrong, for its logs."""
    folder = Path(tempfile.mkdtemp(prefix=f"legitsms-{name}-"))
    try:
        yield folder
    except BaseException:
        print(f"The logs are kept in {folder}", flush=True)
        raise
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def prepared(name: str, **how: Any) -> Iterator[Crew]:
    """A desk that is yet to be started. Django is set up here once, so one process has one ground."""
    with scratch(name) as folder:
        surroundings = {"DATABASE_URL": own_database(folder), "DJANGO_SETTINGS_MODULE": "tests.storm.settings"}
        crew = Crew(folder, **surroundings | how)
        look_at(crew)
        try:
            yield crew
        finally:
            crew.stop()


@contextmanager
def ground(name: str, **how: Any) -> Iterator[Crew]:
    """A running desk with its members."""
    with prepared(name, **how) as crew:
        crew.start()
        crew.make_members()
        yield crew


def look_at(crew: Crew) -> None:
    """Let this process read the crew's database."""
    os.environ |= crew.environment | {"PROCESS_ROLE": "web"}
    django.setup()
