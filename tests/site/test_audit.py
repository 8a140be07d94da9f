"""`make audit` finds what is known to be vulnerable, and fails where it could look nothing up."""

import json
import os
import re
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from legitsms_site.environment import BASE_DIR

PINNED = set(re.findall(r"^([a-z0-9._-]+)==", (BASE_DIR / "requirements.txt").read_text(), re.MULTILINE))
KNOWN = {"id": "TEST-1", "summary": "for this test", "affected": [{"package": {"name": "django", "ecosystem": "PyPI"}}]}


@pytest.fixture
def service():
    """A service on loopback that speaks OSV's protocol; `vulnerable` names the packages that it warns of."""

    class Answering(BaseHTTPRequestHandler):
        vulnerable = set()
        asked = set()

        def do_POST(self):
            question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            name = question["package"]["name"]
            self.asked.add(name)
            body = json.dumps({"vulns": [KNOWN]} if name in self.vulnerable else {}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answering) as server:
        Answering.url = f"http://127.0.0.1:{server.server_port}"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Answering
        server.shutdown()


def audit(*words, **environment):
    command = ["make", "--no-print-directory", "audit", *words]
    return subprocess.run(
        command, check=False, cwd=BASE_DIR, env=os.environ | environment, capture_output=True, text=True
    )


def asking(service):
    return f"AUDIT=--vulnerability-service osv --osv-url {service.url}"


def test_every_pinned_package_is_looked_up(service):
    assert audit(asking(service)).returncode == 0
    assert service.asked == PINNED


def test_a_vulnerable_package_fails_the_run(service):
    service.vulnerable = {"django"}
    run = audit(asking(service))
    assert run.returncode != 0
    assert "TEST-1" in run.stdout


def test_a_run_that_could_look_nothing_up_fails():
    nowhere = "http://127.0.0.1:9"
    assert audit(HTTPS_PROXY=nowhere, https_proxy=nowhere).returncode != 0
