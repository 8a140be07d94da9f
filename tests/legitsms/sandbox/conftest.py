import http.client
import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

import legitsms.sandbox
from legitsms.sandbox import Sandbox


@pytest.fixture
def sandbox():
    with Sandbox() as sandbox:
        yield sandbox


@pytest.fixture
def connection(sandbox):
    connection = http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60)
    yield connection
    connection.close()


@pytest.fixture
def get(connection):
    """Make one call of the protocol on a kept connection, and return the response and its body."""

    def get(**query):
        connection.request("GET", "/api/handler/?" + urlencode({"api_key": "any"} | query))
        response = connection.getresponse()
        return response, response.read()

    return get


@pytest.fixture
def ask(get):
    """Make one call of the protocol, and return its text."""
    return lambda **query: get(**query)[1].decode()


@pytest.fixture
def buy(ask):
    """Buy from a scripted service on server 1, and return the order's id."""
    return lambda scenario: ask(action="getNumber", server=1, country=187, service=f"sb{scenario}").split(":")[1]


@pytest.fixture
def command(connection):
    """Make one control call, and return its HTTP status and its JSON."""

    def command(method, name, content=None, headers=None):
        connection.request(method, f"/sandbox/{name}", content and json.dumps(content), headers or {})
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    return command


@pytest.fixture
def readme():
    return Path(legitsms.sandbox.__file__).with_name("README.md").read_text(encoding="utf-8")
