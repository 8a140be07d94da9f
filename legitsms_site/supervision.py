"""Runs all processes in one terminal with supervisord. A process that ends is restarted, and all stop together."""

import getpass
import os
import sys
from pathlib import Path

from django.conf import settings

from legitsms_site.environment import env
from legitsms_site.processes import BIN

HEADER = """[supervisord]
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
autorestart = true
startsecs = 1
startretries = 1000000
stopwaitsecs = 40
killasgroup = true
redirect_stderr = true
stdout_logfile = /dev/fd/1
stdout_logfile_maxbytes = 0
"""
SANDBOX_ENVIRONMENT = """environment = BIND="127.0.0.1"
"""  # whoever can reach the sandbox can control it, so it listens on loopback whatever BIND says
GROUP = """
[group:{name}]
programs = {roles}
priority = {priority}
"""
DESK_PROCESSES = ["polling", "purchasing", "catalog", "beat", "web"]


def dependencies() -> list[str]:
    """Return the services that the environment does not provide: the broker, and the sandbox if there is no API key."""
    own_broker = [] if env.str("REDIS_URL", default="") else ["broker"]
    own_sandbox = [] if settings.LEGITSMS_API_KEY or env.str("SANDBOX_URL", default="") else ["sandbox"]
    return own_broker + own_sandbox


def write_configuration() -> Path:
    """Write two groups: the desk is stopped first, then the services that it depends on."""
    run = settings.DATA_DIR / "run"
    run.mkdir(parents=True, exist_ok=True)
    groups = {name: roles for name, roles in (("dependencies", dependencies()), ("desk", DESK_PROCESSES)) if roles}
    parts = [HEADER.format(user=getpass.getuser(), run=run)]
    for priority, (name, roles) in enumerate(groups.items()):
        parts += [program(role) for role in roles]
        parts.append(GROUP.format(name=name, roles=",".join(roles), priority=priority))
    path = run / "supervisord.conf"
    path.write_text("".join(parts))
    return path


def program(role: str) -> str:
    text = PROGRAM.format(role=role, python=sys.executable, directory=settings.BASE_DIR)
    return text + SANDBOX_ENVIRONMENT if role == "sandbox" else text


def supervise() -> None:
    """Replace this process with supervisord. Does not return."""
    command = [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(write_configuration())]
    # If standard output is a full disk, supervisord logs an error for each line, and ends if standard error is full too
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.execv(command[0], command)
