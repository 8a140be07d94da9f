"""Running everything in one terminal: each process is started again when it dies, and all of them end together."""

import getpass
import os
import sys
from pathlib import Path

from django.conf import settings

from legitsms_site.environment import env
from legitsms_site.roles import BIN

HEAD = """[supervisord]
nodaemon = true
user = {user}
loglevel = error
logfile = /dev/null
logfile_maxbytes = 0
pidfile = {run}/supervisord.pid
identifier = legitsms-desk
"""
PROGRAM = """
[program:{role}]
command = {python} -m legitsms_site {role}
directory = {directory}
priority = {priority}
autorestart = true
startsecs = 1
startretries = 1000000
stopwaitsecs = 40
killasgroup = true
redirect_stderr = true
stdout_logfile = /dev/fd/1
stdout_logfile_maxbytes = 0
"""
SANDBOX_STAYS_HERE = """environment = BIND="127.0.0.1"
"""  # anyone who reaches it can script it; only in a network of its own may it listen elsewhere
ROLES = ["tick", "buy", "slow", "beat", "web"]


def roles() -> list[str]:
    """What runs on this machine: a broker and a sandbox only where none was given."""
    own_broker = [] if env.str("REDIS_URL", default="") else ["broker"]
    own_sandbox = [] if settings.LEGITSMS_API_KEY or env.str("SANDBOX_URL", default="") else ["sandbox"]
    return [*own_broker, *own_sandbox, *ROLES]


def write_configuration() -> Path:
    run = settings.DATA_DIR / "run"
    run.mkdir(parents=True, exist_ok=True)
    programs = [program(role, priority) for priority, role in enumerate(roles(), 1)]
    path = run / "supervisord.conf"
    path.write_text(HEAD.format(user=getpass.getuser(), run=run) + "".join(programs))
    return path


def program(role: str, priority: int) -> str:
    text = PROGRAM.format(role=role, priority=priority, python=sys.executable, directory=settings.BASE_DIR)
    return text + SANDBOX_STAYS_HERE if role == "sandbox" else text


def supervise() -> None:
    """Become the supervisor. Does not return."""
    os.execv(
        BIN / "supervisord", [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(write_configuration())]
    )
