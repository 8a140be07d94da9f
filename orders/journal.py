"""The journal: what LegitSMS sold and which codes it told, on disk before they are in the database.

One file per worker process, filled with zeros when it is made, so that a disk which is full later still takes the
answer. A record is one line: checksum, blank, JSON. A torn or damaged line is left out; the others still count.
"""

import errno
import json
import logging
import os
import uuid
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from threading import Lock
from time import time, time_ns
from typing import Any
from zlib import crc32

from django.conf import settings

SIZE = 64 * 1024  # bytes; some 300 purchases, then the next file begins
RECORD_ROOM = 512  # of a purchase
KEPT = timedelta(days=30)  # by then every order has long been settled
WRITTEN_FOR = timedelta(hours=12)  # then the next file begins: a file goes as a whole when its last record is old
NANOSECONDS = 1_000_000_000
CLOCK_STEP = NANOSECONDS  # longer than the step of any file system's clock
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Entry:
    """One number that was bought."""

    order: int
    attempt: str
    activation_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class Message:
    """One code that was read."""

    upstream: str
    activation_id: str
    text: str


Record = Entry | Message


def line(record: Record) -> bytes:
    body = json.dumps(asdict(record)).encode()
    return b"%08x %s\n" % (crc32(body), body)


def parsed(line: bytes) -> Record | None:
    """The record of one whole line, or None where the line is torn or damaged."""
    checksum, _, body = line.partition(b" ")
    try:
        told: dict[str, Any] = json.loads(body) if int(checksum, 16) == crc32(body) else {}
        return Message(**told) if "text" in told else Entry(**told)
    except (ValueError, TypeError):
        return None


class Journal:
    """The file that this process appends to, from any of its threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.file: int | None = None
        self.path = folder
        self.began = 0.0
        self.end = 0
        self.records: set[Record] = set()
        self.turn = Lock()

    def is_ready(self) -> bool:
        """Whether the next answer will find its room on disk. Asked before every purchase, and before the polls."""
        try:
            with self.turn:
                if self._lacks(RECORD_ROOM) or time() - self.began > WRITTEN_FOR.total_seconds():
                    self._begin()
        except OSError:
            return False
        return True

    def write(self, record: Record) -> None:
        """Append `record` and wait until it is on the disk. What stands in this file already is not written again."""
        written = line(record)
        with self.turn:
            if record in self.records:
                return
            if self._lacks(len(written)):
                self._begin()
            assert self.file is not None  # noqa: S101  _begin raises or opens
            put(self.file, written, self.end)
            os.fdatasync(self.file)
            self.end += len(written)
            self.records.add(record)

    def _lacks(self, room: int) -> bool:
        return self.file is None or self.end + room > SIZE

    def close(self) -> None:
        """Leave no more behind than was written: a worker's child lives for some minutes, and often reads no code."""
        with self.turn:
            self._close()

    def _close(self) -> None:
        if self.file is None:
            return
        file, self.file = self.file, None
        try:
            if self.end:
                os.ftruncate(file, self.end)
            else:
                self.path.unlink(missing_ok=True)
        finally:
            os.close(file)

    def _begin(self) -> None:
        self._close()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        forget_old(self.folder)
        path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        new = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            put(new, bytes(SIZE), 0)
            os.fsync(new)
        except OSError:
            os.close(new)
            path.unlink(missing_ok=True)
            raise
        self.file, self.path, self.began, self.end, self.records = new, path, time(), 0, set()


def put(file: int, text: bytes, at: int) -> None:
    """Write all of `text`. A disk that is nearly full takes a part of it, and says so by nothing but the count."""
    if os.pwrite(file, text, at) < len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def entries(folder: Path) -> dict[str, Entry]:
    """Every readable purchase in `folder`, by its attempt: a restored database may give a row's id again."""
    found = [record for records in readable(files(folder)).values() for record in records]
    return {record.attempt: record for record in found if isinstance(record, Entry)}


def messages(folder: Path) -> dict[Path, list[Message]]:
    """The readable codes of each file in `folder`, in the order in which they were read. A file only grows."""
    found = readable(files(folder)).items()
    return {path: [record for record in known if isinstance(record, Message)] for path, known in found}


def readable(listed: list[tuple[Path, int]]) -> dict[Path, list[Record]]:
    """The records of each of these files. One that cannot be read keeps no other from being read."""
    found = {}
    for path, changed in listed:
        try:
            found[path] = read(path, changed)
        except OSError:
            log.exception("the journal's file %s cannot be read", path.name)
    return found


def is_whole(folder: Path) -> bool:
    """Whether every file in `folder` can be read. One that cannot may hold the number of any order."""
    listed = files(folder)
    return len(readable(listed)) == len(listed)


def files(folder: Path) -> list[tuple[Path, int]]:
    """Each file, and when it last changed, in nanoseconds."""
    found = []
    for path in folder.glob("*-*"):
        with suppress(FileNotFoundError):  # another process has just forgotten it
            found.append((path, path.stat().st_mtime_ns))
    return found


def forget_old(folder: Path, kept: timedelta = KEPT) -> None:
    """Delete the files whose last record is older than `kept`, which is longer than any file is written to."""
    for path, changed in files(folder):
        if time() - changed / NANOSECONDS > kept.total_seconds():
            path.unlink(missing_ok=True)


_read: dict[Path, tuple[int, list[Record]]] = {}


def read(path: Path, changed: int) -> list[Record]:
    """The records of one file; read again only after it has changed, since the tick asks every second."""
    known, found = _read.get(path, (None, []))
    if known == changed:
        return found
    found = parse(path)
    if time_ns() - changed >= CLOCK_STEP:  # else another record may still get the same time
        _read[path] = (changed, found)
    return found


def parse(path: Path) -> list[Record]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [record for line in lines if (record := parsed(line))]


def home() -> Path:
    """The folder that all processes of a desk share."""
    return settings.DATA_DIR / "journal"


@cache
def journal() -> Journal:
    """The journal of this process: a worker's child opens its own, since the first call comes after the fork."""
    return Journal(home())
