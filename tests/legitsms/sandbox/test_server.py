import http.client
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from legitsms.sandbox import Sandbox


def test_many_calls_share_a_connection(ask, connection):
    ask(action="getStatus", id="1")
    peer = connection.sock
    ask(action="getStatus", id="1")
    assert connection.sock is peer


def test_a_connection_ends_when_the_client_says_so(sandbox, connection):
    connection.request("GET", "/api/handler/?action=getStatus", headers={"Connection": "close"})
    assert connection.getresponse().read() == b"BAD_KEY"
    with socket.create_connection(("127.0.0.1", sandbox.port)) as peer:
        peer.sendall(b"GET /api/handler/ HTTP/1.0\r\n\r\n")
        assert b"".join(iter(lambda: peer.recv(4096), b"")).endswith(b"BAD_KEY")


@pytest.mark.parametrize(
    "request_", [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n", b"GET /" + b"a" * 70_000]
)
def test_what_is_not_http_is_told_so(sandbox, request_):
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as peer:
        peer.sendall(request_)
        assert peer.recv(12) == b"HTTP/1.1 400"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/", 404), ("POST", "/api/handler/", 405)])
def test_other_pages_do_not_exist(connection, method, path, status):
    connection.request(method, path)
    assert connection.getresponse().status == status


def test_130_clients_hold_their_connections_and_buy_at_the_same_time(sandbox):
    clients = [http.client.HTTPConnection("127.0.0.1", sandbox.port, timeout=60) for _ in range(130)]

    def buy(client):
        client.request("GET", "/api/handler/?api_key=k&action=getNumber&server=1&country=187&service=sbnever")
        return client.getresponse().read()

    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(buy, clients))
    for client in clients:
        client.close()
    assert len(set(answers)) == len(sandbox.ledger()["orders"]) == 130


def test_speed_divides_every_wait():
    with Sandbox(speed=120) as sandbox:
        client = http.client.HTTPConnection("127.0.0.1", sandbox.port)
        client.request("GET", "/api/handler/?api_key=k&action=getNumber&server=1&country=187&service=sbtwo")
        client.getresponse().read()
        client.close()
        (order,) = sandbox.ledger()["orders"]
    moments = [order["cancellable_at"], order["ends_at"], *(at for at, _ in order["coming"])]
    assert [round((at - order["bought_at"]) * 120) for at in moments] == [120, 1200, 10, 40]


def test_the_same_seed_plays_the_same_luck():
    codes = []
    for _ in range(2):
        with Sandbox() as sandbox:
            client = http.client.HTTPConnection("127.0.0.1", sandbox.port)
            client.request("GET", "/api/handler/?api_key=k&action=getNumber&server=1&country=0&service=tg")
            client.getresponse().read()
            client.close()
            (order,) = sandbox.ledger()["orders"]
            codes.append([order["phone"], [code for _, code in order["coming"]]])
    assert codes[0] == codes[1]
