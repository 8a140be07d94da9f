"""A small HTTP/1.1 server on asyncio streams: a web framework could not inject faults below HTTP."""

import asyncio
import inspect
import json
import socket
from asyncio import IncompleteReadError, LimitOverrunError, StreamReader, StreamWriter
from dataclasses import dataclass
from functools import partial
from typing import Any, Self
from urllib.parse import parse_qsl, urlsplit

from legitsms.sandbox.control import Control
from legitsms.sandbox.responses import HungUp, LastAnswer, page, send_faulty

JSON = "application/json"
CALLS = {"ledger": "GET"} | dict.fromkeys(
    ("fault", "clear", "deliver", "expire", "advance", "wallet", "key", "limit", "reset"), "POST"
)


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes

    @classmethod
    async def read(cls, reader: StreamReader) -> Self | None:
        """Read one request; None when the client has closed the connection. Raises ValueError if it is not HTTP."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except IncompleteReadError:
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, target, version = first.split(" ")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        if version != "HTTP/1.1":
            headers["connection"] = "close"
        url = urlsplit(target)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return cls(method, url.path, dict(parse_qsl(url.query, keep_blank_values=True)), headers, body)

    @property
    def is_last(self) -> bool:
        return self.headers.get("connection", "").lower() == "close"


def listen(host: str, port: int) -> socket.socket:
    """Bind the port now, so that clients may connect before the server runs. Raises OSError if it is in use."""
    return socket.create_server((host, port), backlog=1024)


async def serve(control: Control, listener: socket.socket, stop: asyncio.Event) -> None:
    """Serve until `stop` is set. Connections that are open then are closed with the event loop."""
    server = await asyncio.start_server(partial(_serve_connection, control), sock=listener, limit=64 * 1024)
    await stop.wait()
    server.close()


async def _serve_connection(control: Control, reader: StreamReader, writer: StreamWriter) -> None:
    is_first = True
    try:
        while request := await Request.read(reader):
            await _answer(control, request, reader, writer, is_first=is_first)
            await writer.drain()
            is_first = False
            if request.is_last:
                break
    except (LastAnswer, ConnectionError, IncompleteReadError):
        pass
    except asyncio.CancelledError:  # the sandbox stops; unsent data would keep the connection open
        writer.transport.abort()
    except (ValueError, LimitOverrunError):
        writer.write(page("<h1>Bad Request</h1>", 400, headers="Connection: close\r\n"))
    finally:
        writer.close()


async def _answer(
    control: Control, request: Request, reader: StreamReader, writer: StreamWriter, *, is_first: bool
) -> None:
    if request.path.startswith("/sandbox/"):
        writer.write(_control(control, request))
    elif request.path.rstrip("/") != "/api/handler":
        writer.write(page("<h1>Not Found</h1>", 404))
    elif request.method != "GET":
        writer.write(page("<h1>Method Not Allowed</h1>", 405))
    else:
        answer = control.respond(request.query, is_first_on_connection=is_first)
        if not answer.fault:
            writer.write(page(answer.text, answer.status, headers=answer.headers))
            return
        try:
            await send_faulty(answer.fault, answer.text, reader, writer)
        except (HungUp, ConnectionError):
            control.note_hang_up()
            raise LastAnswer from None


def _control(control: Control, request: Request) -> bytes:
    name = request.path.removeprefix("/sandbox/").rstrip("/")
    if "origin" in request.headers:  # cross-site request forgery: a web page that is open in a browser
        return _json({"error": "not for browsers"}, 403)
    if name not in CALLS:
        return _json({"error": f"the calls are {', '.join(CALLS)}"}, 404)
    if request.method != CALLS[name]:
        return _json({"error": f"{name} is a {CALLS[name]}"}, 405)
    try:
        return _json(_call(getattr(control, name), request) or {"ok": True})
    except (ValueError, TypeError) as wrong:
        return _json({"error": str(wrong)}, 400)


def _call(method: Any, request: Request) -> Any:
    details = json.loads(request.body or b"{}")
    if request.method == "GET":
        details = {"polls": request.query.get("polls") != "no"}
    inspect.signature(method).bind(**details)
    return method(**details)


def _json(content: Any, status: int = 200) -> bytes:
    return page(json.dumps(content), status, JSON)
