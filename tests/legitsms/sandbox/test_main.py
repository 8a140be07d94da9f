import signal
import subprocess
import sys
import time
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from legitsms.sandbox import Sandbox


@pytest.fixture
def start(tmp_path):
    """Start the sandbox as a process on a port that is free, and return it with its address."""
    started = []

    def start(*arguments):
        with Sandbox() as sandbox:
            port = sandbox.port
        line = [sys.executable, "-m", "legitsms.sandbox", "--port", str(port), *arguments]
        process = subprocess.Popen(line, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline().split()[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def ask():
    """Make one call at an address, keep the connection to the end, and return the answer's text."""
    connections = []

    def ask(address, query):
        connections.append(HTTPConnection(urlsplit(address).netloc, timeout=5))
        connections[-1].request("GET", f"/api/handler/?api_key=k&{query}")
        return connections[-1].getresponse().read().decode()

    yield ask
    for connection in connections:
        connection.close()


def test_the_process_says_its_address_and_serves_it(start, ask):
    _, address = start("--speed", "60")
    assert "Sandbox: code in 10 s" in ask(address, "action=getServices&server=1")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_the_process_ends_within_a_second_with_connections_open(start, ask, number):
    process, address = start()
    ask(address, "action=getStatus")
    asked_at = time.monotonic()
    process.send_signal(number)
    assert (process.wait(5), process.stderr.read()) == (0, "")
    assert time.monotonic() - asked_at < 1


def test_a_killed_process_remembers_its_orders(start, ask, tmp_path):
    state = str(tmp_path / "state.jsonl")
    process, address = start("--state", state)
    order = ask(address, "action=getNumber&server=1&country=187&service=sbnever").split(":")[1]
    process.kill()
    process.wait()
    _, address = start("--state", state)
    assert ask(address, f"action=getStatus&id={order}") == "STATUS_WAIT_CODE"


def test_a_port_that_is_taken_is_said_in_one_line(sandbox):
    line = [sys.executable, "-m", "legitsms.sandbox", "--port", str(sandbox.port)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=10)
    assert (ended.returncode, ended.stderr.count("\n"), "in use" in ended.stderr) == (1, 1, True)


@pytest.mark.parametrize("speed", ["0", "-1", "inf", "nan", "fast"])
def test_a_speed_that_is_none_is_refused(speed):
    line = [sys.executable, "-m", "legitsms.sandbox", "--speed", speed]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=10)
    assert (ended.returncode, "--speed" in ended.stderr) == (2, True)


def test_the_rate_limit_and_the_prices_are_set_on_the_command_line(start, ask):
    _, address = start("--requests-per-minute", "0.001", "--no-retry-after", "--prices")
    assert ask(address, "action=getBalance") == "ACCESS_BALANCE:100.000"
    assert "Too Many Requests" in ask(address, "action=getBalance")


@pytest.mark.parametrize("rate", ["-1", "inf", "nan", "many"])
def test_a_rate_that_is_none_is_refused(rate):
    line = [sys.executable, "-m", "legitsms.sandbox", "--requests-per-minute", rate]
    ended = subprocess.run(line, capture_output=True, text=True, check=False, timeout=10)
    assert (ended.returncode, "--requests-per-minute" in ended.stderr) == (2, True)
