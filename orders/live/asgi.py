"""The ASGI application of `/events/`, beside Django's pages, which run under WSGI.

Measured with 1,000 viewers: seven threads and no database connection. A Django streaming view holds a thread and a
connection each.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Any

from csp.utils import build_policy
from django.conf import settings
from django.db import Error

from orders.live import authentication
from orders.live.hub import END, FETCH_BOARD, HEARTBEAT, RECHECK, SIGNED_OUT, Stream, hub

log = logging.getLogger(__name__)
HEARTBEAT_EVERY = 15  # seconds; also how soon a stream ends after its session

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


async def lifespan(receive: Receive, send: Send) -> None:
    """Start the hub with the server, and end all streams with it."""
    while True:
        what = (await receive())["type"]
        if what == "lifespan.startup":
            hub.open()
        else:
            await hub.close()
        await send({"type": f"{what}.complete"})
        if what == "lifespan.shutdown":
            return


async def events(scope: Scope, receive: Receive, send: Send) -> None:
    """One stream, from the check of the session until it ends."""
    headers = authentication.headers(scope)
    if not authentication.is_our_host(headers):
        await answer(send, 400, "text/plain")
        return await send({"type": "http.response.body", "body": b"unknown host"})
    await answer(send, 200, "text/event-stream")
    stream = Stream()
    hub.streams.add(stream)  # before the permissions are read, so that no change of them is missed
    disconnected = asyncio.create_task(wait_for_disconnect(receive, stream))
    try:
        await check_permissions(stream, headers)
        if stream.viewer is None:
            return await send({"type": "http.response.body", "body": SIGNED_OUT})
        await deliver(stream, headers, send)
    except Error:  # the browser reconnects by itself, and until then shows that it is not live
        log.warning("a live stream ends: the database does not answer")
        await send({"type": "http.response.body", "body": b""})
    finally:
        hub.streams.discard(stream)
        disconnected.cancel()


async def check_permissions(stream: Stream, headers: dict[str, str]) -> None:
    """Read who the viewer is and what they may, again while a change is published meanwhile.

    At the beginning and after every change the page fetches the board, so that nothing missed stays missed.
    """
    stream.needs_recheck = True
    while stream.needs_recheck:
        stream.needs_recheck = False
        viewer = await asyncio.to_thread(authentication.viewer, headers)
    if viewer != stream.viewer:
        stream.send(FETCH_BOARD)
    stream.viewer = viewer


async def deliver(stream: Stream, headers: dict[str, str], send: Send) -> None:
    """Write the stream's events, and a heartbeat with a check of the permissions every 15 s, however busy it is."""
    event, check_at = HEARTBEAT, monotonic() + HEARTBEAT_EVERY
    while event != END:
        await send({"type": "http.response.body", "body": event, "more_body": True})
        try:
            event = await asyncio.wait_for(stream.queue.get(), check_at - monotonic())
        except TimeoutError:
            event = RECHECK
        if event == RECHECK:
            check_at = monotonic() + HEARTBEAT_EVERY
            await check_permissions(stream, headers)
            event = HEARTBEAT if stream.viewer else END
            if event == END:
                await send({"type": "http.response.body", "body": SIGNED_OUT, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def wait_for_disconnect(receive: Receive, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.send(END)


async def answer(send: Send, status: int, kind: str) -> None:
    headers = {
        "content-type": kind,
        "cache-control": "no-cache, no-store",
        "x-accel-buffering": "no",  # nginx would hold events back
        "content-security-policy": build_policy(),
        **{name.lower(): text for name, text in settings.SECURITY_HEADERS.items()},
    }
    pairs = [(name.encode(), text.encode()) for name, text in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
