"""`python -m tests.postgres COMMAND …`: run a command against a PostgreSQL server of its own, which ends with it."""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

PROGRAMS = max(
    Path("/usr/lib/postgresql").glob("*/bin"), default=Path("/usr/bin"), key=lambda bin_: int(bin_.parent.name)
)


def main(command: list[str]) -> int:
    with ExitStack() as undo:
        folder = Path(tempfile.mkdtemp(prefix="legitsms-desk-pg-"))
        undo.callback(shutil.rmtree, folder, ignore_errors=True)
        as_owner = owner(folder)
        cluster = folder / "cluster"
        initdb = ["initdb", "--username", "desk", "--auth", "trust", "--no-sync", "--encoding", "UTF8", "--pgdata"]
        run([*initdb, cluster], as_owner)
        options = f"-c listen_addresses= -c unix_socket_directories={folder} -c fsync=off -c max_connections=200"
        run(["pg_ctl", "--pgdata", cluster, "--log", folder / "log", "--wait", "--options", options, "start"], as_owner)
        undo.callback(run, ["pg_ctl", "--pgdata", cluster, "--mode", "immediate", "stop"], as_owner)
        url = f"postgres://desk@/postgres?host={folder}"
        return subprocess.run(command, env=os.environ | {"DATABASE_URL": url}, check=False).returncode


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
