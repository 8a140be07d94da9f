"""The desk's processes without their supervisor: each is started, killed, frozen and ended by its name."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from threading import Event, RLock, Thread
from typing import IO

from legitsms.sandbox import Sandbox
from tests.stack.desk import ROOT, Desk, eventually, free_port

ROLES = ("broker", "polling", "purchasing", "catalog", "beat", "web")
LOOK_EVERY = 0.1  # seconds
GRACE = 60  # seconds, as the containers have it


class Crew(Desk):
    """One installation whose processes are named for their role; «polling-2» is a second worker of the role «polling».

    What dies is started again at once, as a supervisor would. The sandbox runs in this process and is never harmed.
    """

    def __init__(
        self, folder: Path, names: tuple[str, ...] = ROLES, *, speed: int = 1, root: Path = ROOT, **environment: str
    ) -> None:
        super().__init__(folder, speed)
        self.root, self.names, self.logs = root, names, folder / "logs"
        self.sandbox = Sandbox(speed, port=self.sandbox_port)
        self.environment |= {"SANDBOX_URL": self.sandbox.url} | environment
        self.ports = {name: free_port() for name in names if name.startswith("web-")} | {"web": self.port}
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.exits: Counter[tuple[str, int]] = Counter()  # how processes ended that nobody had asked to end
        self._lock, self._over = RLock(), Event()
        self._keeper = Thread(target=self._keep, daemon=True)

    def start(self) -> "Crew":
        self.logs.mkdir(parents=True, exist_ok=True)
        self.sandbox.__enter__()
        self.sandbox.wallet("1000000")
        self._run("prepare", "prepare").wait(120)
        self._keeper.start()
        self.begin(*self.names)
        eventually(self.is_ready, within=60)
        return self

    def stop(self) -> None:
        """End everything as a deployment does, the broker last."""
        self.end(*(name for name in self.running if name != "broker"))
        self.end(*self.running)
        self._over.set()
        if self._keeper.is_alive():
            self._keeper.join()  # only now: the processes that it started would die with it
            self.sandbox.__exit__(None, None, None)

    def address(self, name: str) -> str:
        """Where this web process listens."""
        return f"http://localhost:{self.ports[name]}"

    def begin(self, *names: str) -> None:
        with self._lock:
            for name in names:
                self.running[name] = self._run(name, name.partition("-")[0])

    def end(self, *names: str) -> float:
        """SIGTERM, wait, and SIGKILL for what is left after the grace. Returns how many seconds the slowest took."""
        began = time.monotonic()
        with self._lock:
            leaving = [self.running.pop(name) for name in names]
        for process in leaving:
            process.terminate()
        for process in leaving:
            try:
                process.wait(max(1, GRACE - (time.monotonic() - began)))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        return time.monotonic() - began

    def send(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process and all its children."""
        os.killpg(self.running[name].pid, number)

    def ask_where_they_stand(self, *names: str) -> None:
        """Let these workers write the stack of each of their threads into their logs, as Celery does when asked so."""
        for name in names:
            self.running[name].send_signal(signal.SIGUSR1)
        time.sleep(1)

    def family(self, name: str) -> list[int]:
        """The ids of the process and its children."""
        lead = self.running[name].pid
        pids = (int(each.name) for each in Path("/proc").glob("[0-9]*"))
        return [lead, *(pid for pid in pids if is_child(pid, lead))]

    def _keep(self) -> None:
        while not self._over.wait(LOOK_EVERY):
            with self._lock:
                for name, process in list(self.running.items()):
                    if process.poll() is not None:
                        self.exits[name, process.returncode] += 1
                        self.begin(name)

    def _run(self, name: str, role: str) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-m", "legitsms_site", role]
        environment = self.environment | ({"PORT": str(self.ports[name])} if name in self.ports else {})
        with self._log(name) as log:
            return subprocess.Popen(
                command, cwd=self.root, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def _log(self, name: str) -> IO[bytes]:
        return (self.logs / f"{name}.log").open("ab")

    def said(self, word: str) -> list[str]:
        """The lines of all logs that contain `word`."""
        texts = (path.read_text(errors="replace") for path in sorted(self.logs.glob("*.log")))
        return [line for text in texts for line in text.splitlines() if word in line]


def is_child(pid: int, lead: int) -> bool:
    try:
        return pid != lead and os.getpgid(pid) == lead
    except ProcessLookupError:
        return False
