"""The purchase journal: what LegitSMS answered, on disk before it is in the database.

One file per worker process, filled with zeros when it is made, so that a disk which is full later still takes the
answer. A record is one line: checksum, blank, JSON. A torn or damaged line is left out; the others still count.
"""

import json
import os
import uuid
from dataclasses import asdict, dataclass
from functools import cache, lru_cache
from pathlib import Path
from time import time, time_ns
from typing import Self
from zlib import crc32

from django.conf import settings

SIZE = 64 * 1024  # bytes; some 300 purchases, then the next file begins
RECORD_ROOM = 512
KEPT = 30 * 24 * 3600  # seconds; by then every order has long been settled
CLOCK_STEP = 1_000_000_000  # nanoseconds; longer than the step of any file system's clock


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that was bought."""

    order: int
    attempt: str
    activation_id: str
    phone: str

    def line(self) -> bytes:
        body = json.dumps(asdict(self)).encode()
        return b"%08x %s\n" % (crc32(body), body)

    @classmethod
    def parse(cls, line: bytes) -> Self | None:
        """The entry of one whole line, or None where the line is torn or damaged."""
        checksum, _, body = line.partition(b" ")
        try:
            return cls(**json.loads(body)) if int(checksum, 16) == crc32(body) else None
        except (ValueError, TypeError):
            return None


class Journal:
    """The file that this process appends to."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file: int | None = None
        self.end = 0

    def is_ready(self) -> bool:
        """Whether the next answer will find its room on disk. Asked before every purchase."""
        try:
            if self.file is None or self.end + RECORD_ROOM > SIZE:
                self._begin()
        except OSError:
            return False
        return True

    def write(self, entry: Entry) -> None:
        """Append `entry` and wait until it is on the disk."""
        if self.file is None:
            self._begin()
        assert self.file is not None  # noqa: S101  _begin raises or opens
        line = entry.line()
        os.pwrite(self.file, line, self.end)
        os.fdatasync(self.file)
        self.end += len(line)

    def _begin(self) -> None:
        if self.file is not None:
            os.close(self.file)
            self.file = None
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_old(self.folder)
        new = os.open(self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}", os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.pwrite(new, bytes(SIZE), 0)
            os.fsync(new)
        except OSError:
            os.close(new)
            raise
        self.file, self.end = new, 0


def entries(folder: Path) -> dict[str, Entry]:
    """Every readable entry of every file in `folder`, by its attempt: a restored database may give a row's id again."""
    files = ((path, path.stat().st_mtime_ns) for path in folder.glob("*-*"))
    return {entry.attempt: entry for path, changed in files for entry in read(path, changed)}


def forget_old(folder: Path) -> None:
    for path in folder.glob("*-*"):
        if time() - path.stat().st_mtime > KEPT:
            path.unlink(missing_ok=True)


def read(path: Path, changed: int) -> list[Entry]:
    """The entries of one file; read again only after it has changed, since the tick asks every second."""
    if time_ns() - changed < CLOCK_STEP:  # another record may still get the same time
        return parse(path)
    return read_once(path, changed)


@lru_cache(maxsize=1000)
def read_once(path: Path, _changed: int) -> list[Entry]:
    return parse(path)


def parse(path: Path) -> list[Entry]:
    return [entry for line in path.read_bytes().split(b"\n") if (entry := Entry.parse(line))]


@cache
def journal() -> Journal:
    """The journal of this process: a worker's child opens its own, since the first call comes after the fork."""
    return Journal(settings.DATA_DIR / "journal")
