"""The sandbox inside a test process: on a free port, in a background thread."""

import asyncio
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from legitsms.sandbox.control import Control
from legitsms.sandbox.server import listen, serve


class Sandbox(Control):
    """`with Sandbox(speed=60) as sandbox:` serves at `sandbox.url`. The control calls are its methods."""

    def __init__(
        self, speed: float = 1, state: Path | None = None, seed: str = "sandbox", port: int = 0, **options: Any
    ) -> None:
        """`options` are the keyword arguments of `Control`: requests_per_minute, retry_after, prices."""
        super().__init__(speed, state, seed, **options)
        self._listener = listen("127.0.0.1", port)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/api/handler/"
        self.control_url = f"http://127.0.0.1:{self.port}/sandbox/"
        self._running = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    async def _serve(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._stop = asyncio.Event()
        self._running.set()
        await serve(self, self._listener, self._stop)

    def __enter__(self) -> Self:
        self._thread.start()
        self._running.wait()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()
