"""The live stream, `/events/`: a small raw ASGI application beside Django's pages.

One hub a web process holds one broker subscription and writes the same bytes to all viewers who may do the same with
an order. It was measured at 1,000 viewers with seven threads and no database connection; a Django streaming view holds
a thread and a connection each.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

import redis.asyncio
from csp.utils import build_policy
from django.conf import settings
from django.db import Error
from redis.exceptions import RedisError

from orders import doorkeeper
from orders.audiences import Visitor
from team.news import CHANNEL

log = logging.getLogger(__name__)
HEARTBEAT = 15  # seconds; also how soon a stream ends after its session
BACKLOG = 200  # messages; a viewer who is further behind is let go, and fetches the board when it is back
RECONNECT_AFTER = 0.5  # seconds

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def message(event: str, text: str = "") -> bytes:
    """One server-sent event. Its lines end as that format says; a code may hold other signs that Python splits at."""
    lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", text.rstrip("\r\n")))
    return f"event: {event}\n{lines}\n".encode()


FETCH_BOARD = message("board")
SIGNED_OUT = message("signed-out")
STILL_HERE = message("still-here")  # an event, since a browser shows a page no comment, and pages watch for silence
END = b""
ASK_AGAIN = b"?"  # never sent: this viewer's rights may have changed


@dataclass(eq=False)
class Viewer:
    """One open stream, and who looks at it. None: not known at this moment, so no card is shown."""

    visitor: Visitor | None = None
    mail: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    is_doubted: bool = False

    def tell(self, what: bytes) -> None:
        try:
            self.mail.put_nowait(what)
        except asyncio.QueueFull:
            self.empty()
            self.mail.put_nowait(END)

    def doubt(self) -> None:
        """What they may see has changed: show nothing, nor what still lies here, until they were looked at anew."""
        self.visitor, self.is_doubted = None, True
        self.mail.put_nowait(END if END in self.empty() else ASK_AGAIN)

    def empty(self) -> list[bytes]:
        return [self.mail.get_nowait() for _ in range(self.mail.qsize())]


class Hub:
    """Everyone who looks at the desk through this process."""

    def __init__(self) -> None:
        self.viewers: set[Viewer] = set()
        self.listening: asyncio.Task[None] | None = None

    def tell(self, what: bytes) -> None:
        for viewer in self.viewers:
            viewer.tell(what)

    def show(self, card: dict[str, Any]) -> None:
        """Give each viewer the card of their audience."""
        matters = {"is_unclear": card["is_unclear"], "has_codes": card["has_codes"]}
        variants = {key: message("card", html) for key, html in card["cards"].items()}
        for viewer in self.viewers:
            if viewer.visitor:
                viewer.tell(variants[viewer.visitor.towards(card["owner"]).narrowed(**matters).key])

    def doubt(self, member: int | None) -> None:
        """The rights of `member`, or of everybody, have changed."""
        for viewer in self.viewers:
            if member is None or viewer.visitor is None or viewer.visitor.member == member:
                viewer.doubt()

    def hear(self, news: dict[str, Any]) -> None:
        match news["event"]:
            case "card":
                self.show(news)
            case "rights":
                self.doubt(news["member"])
            case event:
                self.tell(message(event))

    def open(self) -> None:
        """Subscribe at start-up, not with the first viewer: an event was lost that way."""
        self.listening = asyncio.create_task(self.listen())

    async def close(self) -> None:
        self.tell(END)
        if self.listening:
            self.listening.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.listening

    async def listen(self) -> None:
        """Pass on what is published, and find the broker again whenever it goes."""
        while True:
            try:
                await self.pass_on()
            except (RedisError, OSError) as fault:
                log.warning("live updates wait for the broker: %s", type(fault).__name__)
            except Exception:
                log.exception("live updates begin anew")
            await asyncio.sleep(RECONNECT_AFTER)

    async def pass_on(self) -> None:
        options: dict[str, Any] = {"socket_connect_timeout": 3, "socket_keepalive": True, "health_check_interval": 5}
        if settings.REDIS_URL.startswith("unix:"):
            del options["socket_keepalive"], options["socket_connect_timeout"]
        async with redis.asyncio.Redis.from_url(settings.REDIS_URL, **options) as broker, broker.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            self.tell(FETCH_BOARD)  # what was published meanwhile is lost
            async for published in channel.listen():
                if published["type"] == "message":
                    self.hear(json.loads(published["data"]))


hub = Hub()


async def lifespan(receive: Receive, send: Send) -> None:
    """Open the hub with the server, and end all streams with it."""
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
    """One viewer's stream, from the check of the session until it ends."""
    headers = doorkeeper.headers(scope)
    if not doorkeeper.is_our_host(headers):
        await answer(send, 400, "text/plain")
        return await send({"type": "http.response.body", "body": b"unknown host"})
    await answer(send, 200, "text/event-stream")
    viewer = Viewer()
    hub.viewers.add(viewer)  # before the look at their rights, so that no news about these is missed
    gone = asyncio.create_task(until_gone(receive, viewer))
    try:
        await look_at(viewer, headers)
        if viewer.visitor is None:
            return await send({"type": "http.response.body", "body": SIGNED_OUT})
        await deliver(viewer, headers, send)
    except Error:  # the browser comes back by itself, and until then shows that it is not live
        log.warning("a live stream ends: the database does not answer")
        await send({"type": "http.response.body", "body": b""})
    finally:
        hub.viewers.discard(viewer)
        gone.cancel()


async def look_at(viewer: Viewer, headers: dict[str, str]) -> None:
    """Learn who looks and what they may, again until no news about that came meanwhile.

    At the beginning and after every change the board is fetched: what was missed, or shown otherwise, cannot stay so.
    """
    viewer.is_doubted = True
    while viewer.is_doubted:
        viewer.is_doubted = False
        visitor = await asyncio.to_thread(doorkeeper.visitor, headers)
    if visitor != viewer.visitor:
        viewer.tell(FETCH_BOARD)
    viewer.visitor = visitor


async def deliver(viewer: Viewer, headers: dict[str, str], send: Send) -> None:
    what, look_at_them = STILL_HERE, monotonic() + HEARTBEAT
    while what != END:
        await send({"type": "http.response.body", "body": what, "more_body": True})
        try:
            what = await asyncio.wait_for(viewer.mail.get(), look_at_them - monotonic())
        except TimeoutError:  # by the clock, however much there is to tell
            what = ASK_AGAIN
        if what == ASK_AGAIN:
            look_at_them = monotonic() + HEARTBEAT
            await look_at(viewer, headers)
            what = STILL_HERE if viewer.visitor else END
            if what == END:
                await send({"type": "http.response.body", "body": SIGNED_OUT, "more_body": True})
    await send({"type": "http.response.body", "body": b""})


async def until_gone(receive: Receive, viewer: Viewer) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    viewer.tell(END)


async def answer(send: Send, status: int, kind: str) -> None:
    headers = {
        "content-type": kind,
        "cache-control": "no-cache, no-store",
        "x-accel-buffering": "no",  # nginx would hold events back
        "content-security-policy": build_policy(),
        **{name.lower(): text for name, text in settings.SHELL_HEADERS.items()},
    }
    pairs = [(name.encode(), text.encode()) for name, text in headers.items()]
    await send({"type": "http.response.start", "status": status, "headers": pairs})
