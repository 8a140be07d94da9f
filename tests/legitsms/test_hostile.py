"""Servers that mean harm, over real sockets, and what they cost a process of its own in memory and time."""

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.legitsms.conftest import KEY
from tests.legitsms.hostile import LARGE, ODD, SLOW
from tests.legitsms.upstream import Upstream, reply

ROOT = Path(__file__).parents[2]
SERVERS = LARGE | SLOW | ODD
CALLS = ("get_status", "get_number", "get_countries")
DEADLINE = 0.5  # seconds
LATE = 0.5
HEADS = {"a hundred headers of 64 KiB", "100 Continue without end", "trailers without end"}
MEMORY = 20 * 1024  # KiB
VISITOR = f"""if True:
    import json, re, sys
    from concurrent.futures import ThreadPoolExecutor
    from itertools import product
    from pathlib import Path
    from time import monotonic
    import legitsms, legitsms.client
    legitsms.client.SECONDS = legitsms.client.BUY_SECONDS = legitsms.client.LIST_SECONDS = {DEADLINE}
    peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1])
    client = legitsms.Client(sys.argv[1], {KEY!r})
    make = {{
        "get_status": lambda name: client.get_status(name),
        "get_number": lambda name: client.get_number(service=name, country="1", server=1),
        "get_countries": lambda name: legitsms.lists.parse_countries(1, client._get_list("getCountries", 1, id=name)),
    }}
    make["get_status"]("well")
    before = peak()
    def visit(what):
        call, name = what
        began = monotonic()
        try:
            outcome = ["answered", str(make[call](name))[:40]]
        except legitsms.LegitSMSError as failure:
            outcome = [type(failure).__name__, failure.kind]
        return f"{{call}}: {{name}}", [*outcome, monotonic() - began, peak() - before]
    one_by_one, at_once = [list(product({CALLS}, names)) for names in json.loads(sys.argv[2])]
    found = [visit(what) for what in one_by_one]
    with ThreadPoolExecutor(64) as threads:
        found += threads.map(visit, at_once)
    print(json.dumps(dict(found)))
"""


def behave(line):
    query = parse_qs(urlsplit(line.request.split()[1].decode()).query)
    name = (query.get("id") or query["service"])[0]
    (SERVERS.get(name) or (lambda line: line.say(reply())))(line)


@pytest.fixture(scope="module")
def visits():
    """What came of each call to each server: error, its kind, seconds, and KiB by which the peak had grown by then."""
    server = Upstream()
    server.behave = behave
    command = [sys.executable, "-c", VISITOR, server.url, json.dumps([[*LARGE, *ODD], [*SLOW]])]
    done = subprocess.run(command, check=False, cwd=ROOT, capture_output=True, text=True, timeout=120)
    server.close()
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_no_server_makes_the_client_large(visits):
    growth = {name: kib for name, (_, _, _, kib) in visits.items()}
    assert max(growth.values()) <= MEMORY, growth


def test_no_server_holds_the_client_past_its_deadline(visits):
    assert {name: seconds for name, (_, _, seconds, _) in visits.items() if seconds > DEADLINE + LATE} == {}


def test_no_such_answer_is_believed(visits):
    assert {name: outcome for name, outcome in visits.items() if outcome[0] not in {"Uncertain", "Garbled"}} == {}


def test_what_is_slow_is_late_and_what_is_large_is_too_large(visits):
    slow = {name.partition(": ")[2] for name, outcome in visits.items() if outcome[1] == "timeout"}
    large = {name.partition(": ")[2] for name, outcome in visits.items() if outcome[1] == "size"}
    assert slow >= SLOW.keys()
    assert large >= {"200 MB", "a body without end", "chunks without end", "a bomb without a label", *HEADS}


def test_every_server_was_visited_by_every_call(visits):
    assert len(visits) == len(SERVERS) * len(CALLS)
