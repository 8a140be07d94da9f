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
GROUP = """
[group:{name}]
programs = {roles}
priority = {priority}
"""
DESK = ["tick", "buy", "slow", "beat", "web"]


def surroundings() -> list[str]:
    """What the desk needs and was not given: a broker, and a LegitSMS to practise on."""
    own_broker = [] if env.str("REDIS_URL", default="") else ["broker"]
    own_sandbox = [] if settings.LEGITSMS_API_KEY or env.str("SANDBOX_URL", default="") else ["sandbox"]
    return own_broker + own_sandbox


def write_configuration() -> Path:
    """Two groups, each stopped as a whole: first the desk, then what it stands on."""
    run = settings.DATA_DIR / "run"
    run.mkdir(parents=True, exist_ok=True)
    groups = {name: roles for name, roles in (("surroundings", surroundings()), ("desk", DESK)) if roles}
    parts = [HEAD.format(user=getpass.getuser(), run=run)]
    for priority, (name, roles) in enumerate(groups.items()):
        parts += [program(role) for role in roles]
        parts.append(GROUP.format(name=name, roles=",".join(roles), priority=priority))
    path = run / "supervisord.conf"
    path.write_text("".join(parts))
    return path


def program(role: str) -> str:
    text = PROGRAM.format(role=role, python=sys.executable, directory=settings.BASE_DIR)
    return text + SANDBOX_STAYS_HERE if role == "sandbox" else text


def supervise() -> None:
    """Become the supervisor. Does not return."""
    words = [str(BIN / "supervisord"), "--nodaemon", "--configuration", str(write_configuration())]
    # Where standard output has no room, it says so on standard error at each line, and ends where that is full, too
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    os.execv(words[0], words)
