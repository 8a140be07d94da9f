"""The journal: bought numbers and read codes, on disk before they are in the database.

One append-only file per worker process, preallocated with zeros, so that a disk which is full later still has room for
the answer. A record is one line: CRC-32, blank, JSON. A torn or damaged line is skipped; the others still count.
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
RECORD_ROOM = 512  # bytes; the largest record of a purchase
KEPT = timedelta(days=30)  # every order is settled long before that
WRITTEN_FOR = timedelta(hours=12)  # then the next file begins: a file goes as a whole when its last record is old
NANOSECONDS = 1_000_000_000
CLOCK_STEP = NANOSECONDS  # longer than the step of any file system's clock
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PurchaseRecord:
    """One number that was bought."""

    order: int
    attempt: str
    activation_id: str
    phone: str


@dataclass(frozen=True, slots=True)
class CodeRecord:
    """One code that was read."""

    upstream: str
    activation_id: str
    text: str


JournalRecord = PurchaseRecord | CodeRecord


def line(record: JournalRecord) -> bytes:
    body = json.dumps(asdict(record)).encode()
    return b"%08x %s\n" % (crc32(body), body)


def parsed(line: bytes) -> JournalRecord | None:
    """The record of one whole line, or None where the line is torn or damaged."""
    checksum, _, body = line.partition(b" ")
    try:
        fields: dict[str, Any] = json.loads(body) if int(checksum, 16) == crc32(body) else {}
        return CodeRecord(**fields) if "text" in fields else PurchaseRecord(**fields)
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
        self.records: set[JournalRecord] = set()
        self.lock = Lock()

    def is_ready(self) -> bool:
        """Whether the next answer will find its room on disk. Asked before every purchase, and before the polls."""
        try:
            with self.lock:
                if self._lacks(RECORD_ROOM) or time() - self.began > WRITTEN_FOR.total_seconds():
                    self._begin()
        except OSError:
            return False
        return True

    def write(self, record: JournalRecord) -> None:
        """Append `record` and wait until it is on the disk. A record that this file already has is not repeated."""
        written = line(record)
        with self.lock:
            if record in self.records:
                return
            if self._lacks(len(written)):
                self._begin()
            assert self.file is not None  # noqa: S101  _begin raises or opens
            write_all(self.file, written, self.end)
            os.fdatasync(self.file)
            self.end += len(written)
            self.records.add(record)

    def _lacks(self, room: int) -> bool:
        return self.file is None or self.end + room > SIZE

    def close(self) -> None:
        """Truncate the file to what was written, or delete it where that is nothing."""
        with self.lock:
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
        delete_expired(self.folder)
        path = self.folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}"
        new = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            write_all(new, bytes(SIZE), 0)
            os.fsync(new)
        except OSError:
            os.close(new)
            path.unlink(missing_ok=True)
            raise
        self.file, self.path, self.began, self.end, self.records = new, path, time(), 0, set()


def write_all(file: int, text: bytes, at: int) -> None:
    """Write all of `text`. A disk that is nearly full takes a part of it, and says so by nothing but the count."""
    if os.pwrite(file, text, at) < len(text):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def purchases(folder: Path) -> dict[str, PurchaseRecord]:
    """Every readable purchase in `folder`, by its attempt: a restored database may give a row's id again."""
    found = [record for records in readable(files(folder)).values() for record in records]
    return {record.attempt: record for record in found if isinstance(record, PurchaseRecord)}


def codes(folder: Path) -> dict[Path, list[CodeRecord]]:
    """The readable codes of each file in `folder`, in the order in which they were read. A file only grows."""
    found = readable(files(folder)).items()
    return {path: [record for record in known if isinstance(record, CodeRecord)] for path, known in found}


def readable(listed: list[tuple[Path, int]]) -> dict[Path, list[JournalRecord]]:
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
        with suppress(FileNotFoundError):  # another process has just deleted it
            found.append((path, path.stat().st_mtime_ns))
    return found


def delete_expired(folder: Path, kept: timedelta = KEPT) -> None:
    """Delete the files whose last record is older than `kept`, which is longer than any file is written to."""
    for path, changed in files(folder):
        if time() - changed / NANOSECONDS > kept.total_seconds():
            path.unlink(missing_ok=True)


_read: dict[Path, tuple[int, list[JournalRecord]]] = {}


def read(path: Path, changed: int) -> list[JournalRecord]:
    """The records of one file; read again only after it has changed, since recovery reads the files every second."""
    known, found = _read.get(path, (None, []))
    if known == changed:
        return found
    found = parse(path)
    if time_ns() - changed >= CLOCK_STEP:  # else another record may still get the same time
        _read[path] = (changed, found)
    return found


def parse(path: Path) -> list[JournalRecord]:
    try:
        lines = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return []
    return [record for line in lines if (record := parsed(line))]


def journal_dir() -> Path:
    """The folder of all journal files, shared by all processes."""
    return settings.DATA_DIR / "journal"


@cache
def journal() -> Journal:
    """The journal of this process: a worker's child opens its own, since the first call comes after the fork."""
    return Journal(journal_dir())
