"""The whole desk, run as `make run` runs it: real web, workers, beat, broker and sandbox, on loopback."""

import atexit
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import redis
import requests

from legitsms_site.broker import socket_path
from legitsms_site.celery import die_with_parent
from tests.stack.member import PASSWORD as PASSWORD
from tests.stack.member import Member as Member
from tests.stack.member import token as token

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = f"""
from team.models import User
from team.roles import Role
for name in ("ana", "ben"):
    user = User.objects.create_user(name, f"{{name}}@example.com", "{PASSWORD}", first_name=name.title())
    user.take_role(Role.BUYER)
"""
PREPARED = Path(tempfile.mkdtemp(prefix="legitsms-desk-prepared-")) / "data"
atexit.register(shutil.rmtree, PREPARED.parent, ignore_errors=True)
T = TypeVar("T")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def eventually(question: Callable[[], T], within: float = 20) -> T:
    """The first true answer to `question`, asked until it comes. Fails with the last answer."""
    ends = time.monotonic() + within
    while not (answer := question()) and time.monotonic() < ends:
        time.sleep(0.05)
    assert answer, f"still {answer!r} after {within} s"
    return answer


class Desk:
    """One installation in a folder of its own. `speed` is how fast the sandbox's clock runs."""

    root = ROOT  # of the sources that it runs

    def __init__(self, folder: Path, speed: int = 1) -> None:
        self.folder = folder
        self.port, self.sandbox_port = free_port(), free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder / "log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "DATABASE_URL") if name in os.environ}
        self.environment = kept | {
            "DATA_DIR": str(folder / "data"),
            "PORT": str(self.port),
            "SITE_URL": f"http://desk.test:{self.port}",  # plain http under a name: not a secure context in a browser
            "BIND": "127.0.0.1",
            "SANDBOX_PORT": str(self.sandbox_port),
            "SANDBOX_SPEED": str(speed),
            "PURCHASES_A_MINUTE": "1000",  # one member presses for a whole team here
            "ADMIN_USERNAME": "admin",
            "ADMIN_PASSWORD": PASSWORD,
        }
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> "Desk":
        """Start as `make run` does, on what was prepared for the first desk of this run."""
        self._prepare()
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "legitsms_site"]
            self.process = subprocess.Popen(
                command,
                cwd=self.root,
                env=self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  it only makes a system call; a test run that is killed leaves no desk behind
            )
        try:
            eventually(lambda: self.is_ready() or self.has_failed(), within=180)  # it may be busy
        except AssertionError:
            self.stop()  # nobody else would
            raise
        assert not self.has_failed(), self.log.read_text()[-3000:]
        return self

    def _prepare(self) -> None:
        """Tables and compressed static files cost seconds, and are the same for every desk."""
        data = Path(self.environment["DATA_DIR"])
        if data.exists():
            return
        if not PREPARED.exists():
            command = [sys.executable, "-m", "legitsms_site", "prepare"]
            environment = self.environment | {"DATA_DIR": str(PREPARED)}
            subprocess.run(command, cwd=self.root, env=environment, capture_output=True, check=True)
        shutil.copytree(PREPARED, data)

    def stop(self) -> None:
        """Press Ctrl-C, as a person in the terminal does."""
        if self.process:
            os.kill(self.process.pid, signal.SIGINT)
            self.process.wait(60)
            self.process = None

    def is_ready(self) -> bool:
        try:
            return requests.get(f"{self.url}/readyz", timeout=2).ok
        except requests.RequestException:
            return False

    def has_failed(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def manage(self, *words: str, text: str = "") -> str:
        command = [sys.executable, "manage.py", *words]
        done = subprocess.run(
            command, cwd=self.root, env=self.environment, input=text, capture_output=True, text=True, check=True
        )
        return done.stdout

    def make_members(self) -> None:
        """Make Ana and Ben, and wait until there is something to buy."""
        self.manage("shell", "-v0", "-c", MEMBERS)
        ana = self.member("ana")
        eventually(lambda: "never delivers" in ana.get("/catalog/search/services/?service_text=never").text)
        eventually(lambda: "S1 S2 S3" in " ".join(re.findall(r"S\d", ana.get("/catalog/search/places/?q=usa").text)))

    def pids(self, pattern: str = "") -> list[int]:
        """Living processes of this desk whose command line matches, told apart from any other desk's by the folder."""
        mine = str(self.folder / "data")
        return [int(each.name) for each in Path("/proc").glob("[0-9]*") if is_of(int(each.name), mine, pattern)]

    def kill(self, pattern: str) -> list[int]:
        """`kill -9` every process that matches; returns which."""
        killed = self.pids(pattern)
        for pid in killed:
            os.kill(pid, signal.SIGKILL)
        return killed

    def control(self, call: str, **words: Any) -> Any:
        """One control call of the sandbox."""
        body = json.dumps(words).encode() if words or call != "ledger" else None
        request = urllib.request.Request(f"http://127.0.0.1:{self.sandbox_port}/sandbox/{call}", body)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def broker(self) -> redis.Redis:
        """A connection to the desk's own broker."""
        return redis.Redis(unix_socket_path=str(socket_path(self.folder / "data")), socket_timeout=2)

    def ledger(self) -> Any:
        return self.control("ledger")

    def bought_by(self, deed: Callable[[], object]) -> Any:
        """The one order that LegitSMS has after `deed`, and had not before."""
        known = {order["id"] for order in self.ledger()["orders"]}
        deed()
        new = eventually(lambda: [order for order in self.ledger()["orders"] if order["id"] not in known])
        assert len(new) == 1
        return new[0]

    def open_orders(self, member: Member, wanted: int) -> list[str]:
        """Buy numbers that get no code, and wait until LegitSMS has sold all of them. Returns their ids."""
        known = {order["id"] for order in self.ledger()["orders"]}
        for _ in range(wanted // 10):
            member.buy(quantity=10)

        def new() -> list[str]:
            return [order["id"] for order in self.ledger()["orders"] if order["id"] not in known]

        eventually(lambda: len(new()) == wanted, within=240)
        return new()

    def member(self, name: str, url: str = "") -> Member:
        return Member(url or self.url, name)


def is_of(pid: int, mine: str, pattern: str) -> bool:
    """Whether the process lives, has the data folder `mine` in its environment or title, and matches."""
    try:
        environment = Path(f"/proc/{pid}/environ").read_text(errors="replace").split("\0")
        words = Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return False
    belongs = f"DATA_DIR={mine}" in environment or mine in words  # the broker writes its title over its environment
    return belongs and bool(words) and re.search(pattern, words) is not None
