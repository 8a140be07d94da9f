"""Where the API key must never be: searched byte by byte, in every shape in which it may have been written down."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import redis

from tests.postgres import PROGRAMS

CANARY = "Canary/7f3c+91be=d04a&56%e2"  # of a shape that URL-encoding changes


def needles(key: str) -> dict[str, bytes]:
    """The key as it is, URL-encoded, in hex, and in base64 at each of the three places that a byte can have there."""
    raw = key.encode()
    shapes = {"plain": raw, "quoted": quote(key, safe="").encode(), "form": quote_plus(key, safe="/").encode()}
    shapes |= {"hex": raw.hex().encode(), "HEX": raw.hex().upper().encode()}
    for shift in range(3):
        text = base64.b64encode(bytes(shift) + raw)
        whole = text[-(-shift * 8 // 6) :].rstrip(b"=")
        shapes[f"base64 at {shift}"] = whole[:-1]  # its last letter may also hold bits of what follows
    return shapes


def hits(places: Iterator[tuple[str, bytes]], key: str) -> list[str]:
    """Where the key was found, and in what shape. Looks into one place after the other."""
    shapes = needles(key)
    return [f"{place} ({shape})" for place, content in places for shape, word in shapes.items() if word in content]


def files(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield str(path.relative_to(folder)), path.read_bytes()


def database(url: str) -> Iterator[tuple[str, bytes]]:
    dump = subprocess.run([PROGRAMS / "pg_dump", "--dbname", url], capture_output=True, check=True)
    yield "pg_dump", dump.stdout


def broker(connection: redis.Redis) -> Iterator[tuple[str, bytes]]:
    """Every key of the broker with its value; its files on disk lie in the desk's folder."""
    with connection:
        connection.save()
        for name in connection.scan_iter(count=1000):
            yield f"broker key {name!r}", name + read(connection, name)


def read(connection: redis.Redis, name: bytes) -> bytes:
    kind = connection.type(name)
    ways = {
        b"string": lambda: connection.get(name),
        b"list": lambda: connection.lrange(name, 0, -1),
        b"hash": lambda: connection.hgetall(name),
        b"set": lambda: connection.smembers(name),
        b"zset": lambda: connection.zrange(name, 0, -1),
        b"none": bytes,  # it expired just now
    }
    return repr(ways[kind]()).encode()


def command_lines() -> Iterator[tuple[str, bytes]]:
    """What `ps` shows of every process of this machine."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            yield f"process {path.parent.name}", path.read_bytes().replace(b"\0", b" ")
        except OSError:
            continue


def can_find(example: Path, folder: Path, key: str) -> bool:
    """Whether the search finds a key that was planted, once in each shape, into a copy of a real log."""
    folder.mkdir()
    missed = []
    for shape, word in needles(key).items():
        copy = folder / "copy.log"
        shutil.copy(example, copy)
        with copy.open("ab") as log:
            log.write(os.urandom(50) + word + os.urandom(50))
        if not any(f"({shape})" in hit for hit in hits(files(folder), key)):
            missed.append(shape)
    shutil.rmtree(folder)
    return not missed
