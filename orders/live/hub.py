"""The hub: one per web process. It holds one broker subscription and sends each event to the open streams."""

import asyncio
import contextlib
import json
import logging
import re
from dataclasses import dataclass, field
from typing import Any

import redis.asyncio
from django.conf import settings
from redis.exceptions import RedisError

from orders.permissions import Viewer
from team.pubsub import CHANNEL

log = logging.getLogger(__name__)
BACKLOG = 200  # messages; a stream that is further behind is closed, and fetches the board when it reconnects
RECONNECT_AFTER = 0.5  # seconds


def message(event: str, text: str = "") -> bytes:
    """One server-sent event. Split as that format says; a code may contain other characters that Python splits at."""
    lines = "".join(f"data: {line}\n" for line in re.split(r"\r\n|\r|\n", text.rstrip("\r\n")))
    return f"event: {event}\n{lines}\n".encode()


FETCH_BOARD = message("board")
SIGNED_OUT = message("signed-out")
HEARTBEAT = message("heartbeat")  # an event, since browsers hide comments from pages, and pages watch for silence
END = b""
RECHECK = b"?"  # never sent: this viewer's permissions may have changed


@dataclass(eq=False)
class Stream:
    """One open stream and its viewer. None: the permissions are not known at this moment, so no card is sent."""

    viewer: Viewer | None = None
    queue: asyncio.Queue[bytes] = field(default_factory=lambda: asyncio.Queue(BACKLOG))
    needs_recheck: bool = False

    def send(self, event: bytes) -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            self.empty()
            self.queue.put_nowait(END)

    def recheck(self) -> None:
        """Permissions changed: clear the queue and send no cards until they are re-checked."""
        self.viewer, self.needs_recheck = None, True
        self.queue.put_nowait(END if END in self.empty() else RECHECK)

    def empty(self) -> list[bytes]:
        return [self.queue.get_nowait() for _ in range(self.queue.qsize())]


class Hub:
    """All open streams of this process."""

    def __init__(self) -> None:
        self.streams: set[Stream] = set()
        self.subscription: asyncio.Task[None] | None = None

    def send(self, event: bytes) -> None:
        for stream in self.streams:
            stream.send(event)

    def send_card(self, card: dict[str, Any]) -> None:
        """Send each viewer the variant of the card that their permissions allow."""
        state = {"is_unclear": card["is_unclear"], "has_codes": card["has_codes"]}
        variants = {key: message("card", html) for key, html in card["cards"].items()}
        for stream in self.streams:
            if stream.viewer:
                stream.send(variants[stream.viewer.permissions_for(card["owner"]).for_state(**state).key])

    def recheck(self, member: int | None) -> None:
        """The permissions of `member` (None: of everybody) have changed."""
        for stream in self.streams:
            if member is None or stream.viewer is None or stream.viewer.member == member:
                stream.recheck()

    def dispatch(self, published: dict[str, Any]) -> None:
        match published["event"]:
            case "card":
                self.send_card(published)
            case "permissions":
                self.recheck(published["member"])
            case event:
                self.send(message(event))

    def open(self) -> None:
        """Subscribe at start-up, not with the first viewer: an event was lost that way."""
        self.subscription = asyncio.create_task(self.subscribe())

    async def close(self) -> None:
        self.send(END)
        if self.subscription:
            self.subscription.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self.subscription

    async def subscribe(self) -> None:
        """Dispatch what is published, and reconnect whenever the broker goes away."""
        while True:
            try:
                await self.dispatch_published()
            except (RedisError, OSError) as fault:
                log.warning("live updates wait for the broker: %s", type(fault).__name__)
            except Exception:
                log.exception("live updates failed and reconnect")
            await asyncio.sleep(RECONNECT_AFTER)

    async def dispatch_published(self) -> None:
        options: dict[str, Any] = {"socket_connect_timeout": 3, "socket_keepalive": True, "health_check_interval": 5}
        if settings.REDIS_URL.startswith("unix:"):
            del options["socket_keepalive"], options["socket_connect_timeout"]
        async with redis.asyncio.Redis.from_url(settings.REDIS_URL, **options) as broker, broker.pubsub() as channel:
            await channel.subscribe(CHANNEL)
            self.send(FETCH_BOARD)  # what was published meanwhile is lost
            async for published in channel.listen():
                if published["type"] == "message":
                    self.dispatch(json.loads(published["data"]))


hub = Hub()
