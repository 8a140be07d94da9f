"""Writes HTTP responses: correct ones, and faulty ones as a `Fault` describes."""

import asyncio
import socket
import struct
import zlib
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterator
from contextlib import suppress
from email.utils import formatdate
from http import HTTPStatus

from legitsms.sandbox.faults import Fault

TEXT = "text/html; charset=utf-8"  # APIs of this family send everything as text/html, even JSON
CHUNK = bytes(64 * 1024)
DRIP = 0.5  # seconds a byte
GARBAGE = "%PDF-1.4 \ufffd\ufffd ACCESS?NUMBER \x00 ¯\\_(ツ)_/¯"
CHALLENGE = """<!DOCTYPE html><html lang="en-US"><head><title>Just a moment...</title></head>
<body><h1>legitsms.example</h1><p>Enable JavaScript and cookies to continue</p></body></html>"""
FAILURE = "<html><body><h1>Service Unavailable</h1></body></html>"


class HungUp(Exception):  # noqa: N818 not an error of ours
    """The client disconnected before its answer was complete."""


class LastAnswer(Exception):  # noqa: N818
    """The connection is closed after this answer."""


def page(text: str, status: int = 200, content_type: str = TEXT, headers: str = "") -> bytes:
    body = text.encode(errors="replace")
    head = (
        f"{_status_line(status)}Date: {formatdate(usegmt=True)}\r\n"
        f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
    )
    return head.encode() + body


def _status_line(status: int) -> str:
    with suppress(ValueError):
        return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n"
    return f"HTTP/1.1 {status} Unknown\r\n"  # such as 520 to 527, which only Cloudflare uses


async def send_faulty(fault: Fault, text: str, reader: StreamReader, writer: StreamWriter) -> None:
    """Send the answer that `fault` describes; `text` is the correct answer."""
    match fault.fault:
        case "drop_before" | "drop_after":
            _drop(writer, reset=fault.reset)
        case "hang":
            await _silence(reader, fault.seconds)
            raise LastAnswer
        case "delay":
            await _silence(reader, fault.seconds)
            writer.write(page(text))
        case "drip":
            await _drip(fault, page(text), reader, writer)
        case "huge":
            await _flood(fault, writer)
        case "raw":
            writer.write((fault.text or "").encode("latin-1", errors="replace"))
            raise LastAnswer
        case _:
            writer.write(_wrong_page(fault))


def _wrong_page(fault: Fault) -> bytes:
    more = "".join(f"{name}: {value}\r\n" for name, value in fault.headers.items())
    if fault.fault == "redirect":
        return page("", fault.status or 302, headers=f"Location: {fault.url}\r\n{more}")
    usual = {"refuse": fault.word, "html": CHALLENGE, "garbage": GARBAGE, "status": FAILURE}.get(fault.fault, "")
    status = 503 if fault.fault == "status" else 200
    return page(usual if fault.text is None else fault.text, fault.status or status, fault.content_type, more)


def _drop(writer: StreamWriter, *, reset: bool) -> None:
    if reset:
        peer: socket.socket = writer.get_extra_info("socket")
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    raise LastAnswer


async def _silence(reader: StreamReader, seconds: float | None) -> None:
    """Send nothing for `seconds`; raise HungUp if the client disconnects first."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await reader.read()
            raise HungUp


async def _drip(fault: Fault, answer: bytes, reader: StreamReader, writer: StreamWriter) -> None:
    for piece in _pieces(fault.part, answer):
        await _silence(reader, DRIP if fault.seconds is None else fault.seconds)
        writer.write(piece)
        await writer.drain()


def _pieces(part: str, answer: bytes) -> Iterator[bytes]:
    while part == "continue":
        yield b"HTTP/1.1 100 Continue\r\n\r\n"
    head, gap, _ = answer.partition(b"\r\n\r\n")
    start = 0 if part == "headers" else len(head + gap)
    if start:
        yield answer[:start]
    for place in range(start, len(answer)):
        yield answer[place : place + 1]


async def _flood(fault: Fault, writer: StreamWriter) -> None:
    size = int(fault.mib * 2**20)
    squeeze = zlib.compressobj(9, wbits=31) if fault.gzip else None
    extent = "Content-Encoding: gzip" if squeeze else f"Content-Length: {size}"
    writer.write(f"{_status_line(200)}Content-Type: {TEXT}\r\n{extent}\r\nConnection: close\r\n\r\n".encode())
    for left in range(size, 0, -len(CHUNK)):
        chunk = CHUNK[:left]
        writer.write(squeeze.compress(chunk) if squeeze else chunk)
        await writer.drain()
        await asyncio.sleep(0)  # drain rarely waits for compressed zeros: let other connections run
    writer.write(squeeze.flush() if squeeze else b"")
    raise LastAnswer
