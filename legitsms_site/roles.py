"""The processes of the desk, and the one command of each: `make run` and the containers start the same ones."""

import sys
from pathlib import Path

from django.conf import settings

from legitsms_site import broker
from legitsms_site.environment import env

BIN = Path(sys.executable).parent
# Two processes take five ticks a second: by the settings' thousand each would end every seven minutes, and leave a file
# of the journal behind; and a month's ten thousand files cost a tenth of a core to look through every second
TICKS = ("--max-tasks-per-child", "20000")
WORKER = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "warning"]


def celery(*words: str) -> list[str]:
    return [str(BIN / "celery"), "--app", "legitsms_site", "--quiet", *words]


def worker(queue: str, processes: int, *words: str) -> list[str]:
    name = ("--queues", queue, "--hostname", f"{queue}@%h")
    return celery("worker", *name, "--concurrency", str(processes), *WORKER, *words)


def web() -> list[str]:
    """Listens where SITE_URL says people are: on this machine alone, unless it names another address."""
    here = settings.SITE.hostname in {"localhost", "127.0.0.1"}
    host = env.str("BIND", default="") or ("127.0.0.1" if here else "0.0.0.0")  # noqa: S104  the address that SITE_URL names
    return [
        *(str(BIN / "uvicorn"), "legitsms_site.asgi:application", "--host", host, "--port", str(settings.PORT)),
        *("--lifespan", "on", "--no-access-log", "--no-server-header", "--no-proxy-headers"),
        *("--log-level", "warning", "--timeout-graceful-shutdown", "2"),
    ]


def sandbox() -> list[str]:
    state = settings.DATA_DIR / "sandbox.json"
    host = env.str("BIND", default="") or "127.0.0.1"
    return [
        *(sys.executable, "-m", "legitsms.sandbox", "--host", host, "--port", str(settings.SANDBOX_PORT)),
        *("--speed", str(settings.SANDBOX_SPEED), "--state", str(state)),
    ]


def command(role: str) -> list[str]:
    """The command line of `role`. Raises KeyError for a role that there is not."""
    commands = {
        "web": web,
        "tick": lambda: worker("tick", 2, *TICKS),  # claims and sweeps
        "buy": lambda: worker("buy", 4),  # purchases and cancels: eight hanging ones held polling back in a shared pool
        "slow": lambda: worker("slow", 1),  # lists
        "beat": lambda: celery("beat", "--scheduler", "legitsms_site.beat:LivingScheduler", "--loglevel", "warning"),
        "broker": lambda: broker.server_command(settings.DATA_DIR),
        "sandbox": sandbox,
    }
    return commands[role]()


def process_role(role: str) -> str:
    """What the settings call it; the web waits less long for a broker that does not answer."""
    return role if role in {"web", "beat"} else "worker"
