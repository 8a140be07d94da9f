"""`python -m tests.postgres COMMAND …`: run a command against a PostgreSQL server of its own, which ends with it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

PROGRAMS = max(
    Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda bin_: int(bin_.parent.name)
)


class Server:
    """A PostgreSQL of its own in `folder`, which can be stopped and started."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.as_owner = folder, owner(folder)
        self.url = f"postgres://desk@/postgres?host={folder}"
        self.cluster = folder / "cluster"
        initdb = ["initdb", "--username", "desk", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--pgdata"]
        run([*initdb, self.cluster], self.as_owner)

    def start(self) -> None:
        options = f"-c listen_addresses= -c unix_socket_directories={self.folder} -c fsync=off -c max_connections=200"
        log = self.folder / "log"
        self.control("--log", log, "--wait", "--options", options, "start")

    def stop(self) -> None:
        """As a power cut would, for whoever is connected."""
        self.control("--mode", "immediate", "stop")

    def control(self, *words: str | Path) -> None:
        run(["pg_ctl", "--pgdata", self.cluster, *words], self.as_owner)


@contextmanager
def server() -> Iterator[Server]:
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="legitsms-desk-pg-"))
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        made = Server(folder)
        made.start()
        undo.callback(made.stop)
        yield made


def main(command: list[str]) -> int:
    with server() as running:
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": running.url}, check=False).returncode


def owner(folder: Path) -> dict[str, object]:
    """PostgreSQL refuses to run as root: then its own account takes over."""
    if os.geteuid() != 0:
        return {}
    account = pwd.getpwnam("postgres")
    os.chown(folder, account.pw_uid, account.pw_gid)
    folder.chmod(0o755)
    return {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}


def run(words: list[str | Path], as_owner: dict[str, object]) -> None:
    program, *rest = words
    subprocess.run([PROGRAMS / program, *rest], check=True, stdout=subprocess.DEVNULL, cwd="/", **as_owner)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
