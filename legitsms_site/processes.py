"""The processes of the desk and their commands, which `make run` and the containers share."""

import sys
from pathlib import Path

from django.conf import settings

from legitsms_site import broker
from legitsms_site.environment import env

BIN = Path(sys.executable).parent
# Two processes run five tasks a second. With the 1,000 of the settings each would end every seven minutes and leave a
# journal file behind. The 10,000 files of a month cost a tenth of a core, since they are scanned every second
POLLING_TASKS = ("--max-tasks-per-child", "20000")
WORKER_OPTIONS = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "warning"]


def celery(*arguments: str) -> list[str]:
    return [str(BIN / "celery"), "--app", "legitsms_site", "--quiet", *arguments]


def worker(queue: str, processes: int, *options: str) -> list[str]:
    name = ("--queues", queue, "--hostname", f"{queue}@%h")
    return celery("worker", *name, "--concurrency", str(processes), *WORKER_OPTIONS, *options)


def web() -> list[str]:
    """Return the command of uvicorn. It listens on loopback only, if SITE_URL is a loopback address."""
    is_local = settings.SITE.hostname in {"localhost", "127.0.0.1"}
    host = env.str("BIND", default="") or ("127.0.0.1" if is_local else "0.0.0.0")  # noqa: S104  the address that SITE_URL names
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
        *("--requests-per-minute", str(settings.SANDBOX_REQUESTS_PER_MINUTE)),
    ]


def command(role: str) -> list[str]:
    """Return the command line of `role`. Raises `KeyError` for an unknown role."""
    commands = {
        "web": web,
        "polling": lambda: worker("polling", 2, *POLLING_TASKS),
        "purchasing": lambda: worker("purchasing", 4),  # hanging purchases delayed polling by 20 s in a shared queue
        "catalog": lambda: worker("catalog", 1),
        "beat": lambda: celery("beat", "--scheduler", "legitsms_site.beat:HeartbeatScheduler", "--loglevel", "warning"),
        "broker": lambda: broker.server_command(settings.DATA_DIR),
        "sandbox": sandbox,
    }
    return commands[role]()


def process_role(role: str) -> str:
    """Return PROCESS_ROLE for `role`. By it the settings give the web process shorter broker timeouts."""
    return role if role in {"web", "beat"} else "worker"
