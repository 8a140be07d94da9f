"""A TCP proxy in front of the broker whose connections can be left half open: alive, and nothing comes through."""

import asyncio
import contextlib
from asyncio import StreamReader, StreamWriter
from pathlib import Path
from threading import Event, Thread

CHUNK = 64 * 1024


class Proxy:
    """Listens on `port` of loopback and leads to a Unix socket."""

    def __init__(self, port: int, target: Path) -> None:
        self.port, self.target = port, target
        self.through: set[asyncio.Event] = set()  # one for each connection that still lets bytes through
        self._pumps: set[asyncio.Task[None]] = set()
        self._listening = Event()
        self._thread = Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def start(self) -> "Proxy":
        self._thread.start()
        self._listening.wait()
        return self

    def freeze(self) -> int:
        """From now on swallow every byte of the connections there are; new ones work. Returns how many froze."""
        frozen = len(self.through)
        self._loop.call_soon_threadsafe(self._freeze)
        return frozen

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _freeze(self) -> None:
        for is_open in self.through:
            is_open.clear()
        self.through.clear()

    async def _serve(self) -> None:
        self._loop, self._over = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", self.port)
        self._listening.set()
        await self._over.wait()
        server.close()

    async def _converse(self, reader: StreamReader, writer: StreamWriter) -> None:
        is_open = asyncio.Event()
        is_open.set()
        try:
            there, back = await asyncio.open_unix_connection(str(self.target))
        except OSError:
            writer.close()
            return
        self.through.add(is_open)
        pumps = [asyncio.create_task(pump(*ends, is_open)) for ends in ((reader, back), (there, writer))]
        self._pumps |= set(pumps)  # the event loop itself keeps no task alive
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
        if is_open.is_set():
            self.through.discard(is_open)
            writer.close()
            back.close()


async def pump(source: StreamReader, target: StreamWriter, is_open: asyncio.Event) -> None:
    """Pass bytes on while the connection is open; afterwards swallow them, and keep the end of it to ourselves."""
    with contextlib.suppress(OSError):
        while piece := await source.read(CHUNK):
            if is_open.is_set():
                target.write(piece)
                await target.drain()
