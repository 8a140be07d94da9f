"""The seam to the network, over real sockets: when it ends, what it reads, what it calls unsent."""

import ast
import logging
import socket
import ssl
import subprocess
import sys
import threading
from pathlib import Path
from time import monotonic

import pytest

from legitsms.endpoint import Endpoint
from legitsms.exceptions import LegitSMSError, NotSent, Uncertain
from legitsms.sockets import Attempt, connect, resolve
from legitsms.transport import TEXT_CAP, call
from tests.legitsms.conftest import KEY, Certificate
from tests.legitsms.upstream import ENDLESS, reply

CLIENTS = {"requests", "urllib3", "httpx", "aiohttp", "http.client", "urllib.request"}
ROOT = Path(__file__).parents[2]
IN_TIME = 20  # seconds; on any machine, a good server is
PARAMS = {"action": "getStatus", "id": "1"}
HEAD = b"HTTP/1.1 200 OK\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def failure_of(endpoint, *, seconds=IN_TIME, **options):
    with pytest.raises(LegitSMSError) as caught:
        call(endpoint, PARAMS, seconds=seconds, **options)
    return caught.value


def sort_of(failure):
    return type(failure), failure.kind


# What goes out


def test_the_body_of_an_answer_comes_back(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply("STATUS_OK:\U0001f511".encode()))
    assert call(endpoint, PARAMS, seconds=IN_TIME) == "STATUS_OK:\U0001f511"


def test_a_call_is_one_plain_get(endpoint, upstream):
    call(endpoint, {"service": "wa&action=setStatus&status=8", "country": "1#"}, seconds=IN_TIME)
    line, *headers = upstream.requests[0].decode().split("\r\n")
    query = "api_key=CANARY-7f3a%2B9%2Fb&service=wa%26action%3DsetStatus%26status%3D8&country=1%23"
    assert line == f"GET /api/handler/?{query} HTTP/1.1"
    assert {"Accept-Encoding: identity", "User-Agent: LegitSMS-Desk"} < set(headers)


@pytest.mark.parametrize("value", ["", "a\r\nHost: evil", "a\0", "\x1b", "\ud800"])
def test_a_parameter_with_control_characters_is_not_sent(endpoint, upstream, value):
    with pytest.raises(NotSent, match="input"):
        call(endpoint, {"service": value}, seconds=IN_TIME)
    assert upstream.connections == 0


def test_polls_share_a_connection(endpoint, upstream):
    call(endpoint, PARAMS, seconds=IN_TIME)
    call(endpoint, PARAMS, seconds=IN_TIME)
    assert (upstream.connections, len(upstream.requests)) == (1, 2)


def test_a_fresh_call_has_a_connection_of_its_own(endpoint, upstream):
    call(endpoint, PARAMS, seconds=IN_TIME)
    call(endpoint, PARAMS, seconds=IN_TIME, fresh=True)
    call(endpoint, PARAMS, seconds=IN_TIME, fresh=True)
    assert upstream.connections == 3
    assert b"Connection: close" in upstream.requests[1]
    assert b"Connection: close" not in upstream.requests[0]


def test_a_connection_that_was_closed_while_idle_is_replaced(endpoint, upstream):
    closed = threading.Event()
    upstream.behave = lambda line: (line.say(reply()), line.hang_up(), closed.set())
    call(endpoint, PARAMS, seconds=IN_TIME)
    assert closed.wait(IN_TIME)
    assert call(endpoint, PARAMS, seconds=IN_TIME) == "STATUS_WAIT_CODE"


def test_a_kept_connection_that_dies_under_a_request_is_not_tried_again(endpoint, upstream):
    call(endpoint, PARAMS, seconds=IN_TIME)
    upstream.behave = lambda line: line.hang_up()
    assert sort_of(failure_of(endpoint)) == (Uncertain, "connection")
    assert len(upstream.requests) == 2


def test_a_forked_process_makes_connections_of_its_own(upstream):
    script = f"""if True:
        import os
        from legitsms.endpoint import Endpoint
        from legitsms.transport import call
        ask = lambda: call(Endpoint({upstream.url!r}, "a key of theirs"), {{"action": "getStatus"}}, seconds=20)
        ask()
        child = os.fork()
        ask()
        os._exit(0) if not child else os.waitpid(child, 0)
    """
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)
    assert (upstream.connections, len(upstream.requests)) == (2, 3)


# When it ends

SLOW = {
    "silence": lambda line: line.stay_silent(),
    "a dripping status line": lambda line: line.drip([b"H"] * ENDLESS),
    "a dripping header": lambda line: line.drip([HEAD, *[b"X"] * ENDLESS]),
    "headers without end": lambda line: line.drip([HEAD, *[b"X: y\r\n"] * ENDLESS]),
    "endless 100 Continue": lambda line: line.drip([b"HTTP/1.1 100 Continue\r\n\r\n"] * ENDLESS),
    "a dripping body": lambda line: line.drip([HEAD + b"Content-Length: 9999\r\n\r\n", *[b"x"] * ENDLESS]),
    "a dripping body without length": lambda line: line.drip([HEAD + b"\r\n", *[b"x"] * ENDLESS]),
    "dripping chunks": lambda line: line.drip([CHUNKED, *[b"1\r\nx\r\n"] * ENDLESS]),
    "chunks without end": lambda line: (line.say(CHUNKED + b"10\r\nSTATUS_WAIT_CODE\r\n"), line.stay_silent()),
}


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("behave", SLOW.values(), ids=SLOW)
def test_a_call_ends_at_its_deadline_and_hangs_up(endpoint, upstream, behave, fresh):
    upstream.behave = behave
    began = monotonic()
    failure = failure_of(endpoint, seconds=0.15, fresh=fresh)
    assert monotonic() - began < 0.65
    assert sort_of(failure) == (Uncertain, "timeout")
    assert upstream.has_hung_up.wait(IN_TIME)


@pytest.mark.parametrize(
    "head", [b"y" * 2**20, b"X: " + b"y" * 60_000 + b"\r\n", b"\r\nHTTP/1.1 100 Continue\r\n" * 500]
)
@pytest.mark.parametrize("fresh", [False, True])
def test_a_head_that_goes_on_and_on_is_not_read_to_its_end(endpoint, upstream, head, fresh):
    upstream.behave = lambda line: (line.say(b"HTTP/1.1 100 Continue\r\n"), line.flood(head))
    assert sort_of(failure_of(endpoint, fresh=fresh)) == (Uncertain, "size")
    assert upstream.has_hung_up.wait(IN_TIME)


def test_a_head_may_have_many_headers(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"STATUS_WAIT_CODE", *[f"X-{n}: {'y' * 500}" for n in range(90)]))
    assert call(endpoint, PARAMS, seconds=IN_TIME) == "STATUS_WAIT_CODE"


@pytest.mark.parametrize("behave", [SLOW["a dripping header"], SLOW["a dripping body"]])
def test_a_call_over_tls_ends_at_its_deadline(tls, behave):
    server = tls()
    server.behave = behave
    began = monotonic()
    assert sort_of(failure_of(Endpoint(server.url, KEY), seconds=0.4)) == (Uncertain, "timeout")
    assert monotonic() - began < 0.9


@pytest.mark.parametrize("pieces", [[b""], [b"\x16\x03\x03\x40\x00", *[b"\x02"] * ENDLESS]], ids=["silent", "dripping"])
def test_a_handshake_that_does_not_end_is_not_sent(pieces):
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=drip_handshake, args=(listener, pieces, over))
        thread.start()
        began = monotonic()
        failure = failure_of(Endpoint(f"https://127.0.0.1:{listener.getsockname()[1]}/", KEY), seconds=0.3)
        assert monotonic() - began < 0.65
        over.set()
        thread.join()
    assert sort_of(failure) == (NotSent, "tls")


def drip_handshake(listener, pieces, over):
    with listener.accept()[0] as connection:
        for piece in pieces:
            try:
                connection.sendall(piece)
            except OSError:
                return
            over.wait(0.02)
        over.wait(5)


def test_nothing_is_sent_once_the_time_is_up(endpoint, upstream):
    assert sort_of(failure_of(endpoint, seconds=1e-9)) == (NotSent, "connect")
    call(endpoint, PARAMS, seconds=IN_TIME)
    assert sort_of(failure_of(endpoint, seconds=1e-9)) == (NotSent, "start")
    assert len(upstream.requests) == 1


def test_a_server_that_accepts_nobody_is_not_sent_to():
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        address = listener.getsockname()
        with socket.create_connection(address), socket.socket() as second:
            second.setblocking(False)
            second.connect_ex(address)
            began = monotonic()
            failure = failure_of(Endpoint(f"http://127.0.0.1:{address[1]}/", KEY), seconds=0.3)
    assert monotonic() - began < 0.8
    assert sort_of(failure) == (NotSent, "connect")


def test_a_refused_connection_is_not_sent():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert sort_of(failure_of(Endpoint(f"http://127.0.0.1:{port}/", KEY))) == (NotSent, "connect")


def test_a_name_that_cannot_be_looked_up_is_not_sent():
    assert sort_of(failure_of(Endpoint(f"https://{'x' * 64}.legitsms.com/", KEY))) == (NotSent, "name")


def test_a_resolver_that_never_answers_does_not_hold_a_call_up():
    answer = threading.Event()
    with pytest.raises(TimeoutError):
        resolve("legitsms.com", 443, Attempt(0.1), look_up=lambda *_, **__: answer.wait(5))
    answer.set()


def test_the_next_address_is_tried_if_the_first_does_not_answer(upstream):
    with socket.create_server(("127.0.0.1", 0)) as closed:
        dead = closed.getsockname()
    addresses = [
        (socket.AF_UNIX, socket.SOCK_RAW, 99, "", "a family that this machine does not speak"),
        (socket.AF_INET, socket.SOCK_STREAM, 0, "", dead),
        (socket.AF_INET, socket.SOCK_STREAM, 0, "", ("127.0.0.1", upstream.port)),
    ]
    with connect("two.example", upstream.port, Attempt(IN_TIME), look_up=lambda *_, **__: addresses) as found:
        assert found.getpeername() == ("127.0.0.1", upstream.port)


# Whom it trusts


def test_a_server_with_a_trusted_certificate_is_asked(tls):
    server = tls()
    assert call(Endpoint(server.url, KEY), PARAMS, seconds=20) == "STATUS_WAIT_CODE"
    assert call(Endpoint(server.url, KEY), PARAMS, seconds=5, fresh=True) == "STATUS_WAIT_CODE"


FLAWS = {
    "self-signed": {"issuer": None},
    "signed by a stranger": {"issuer": Certificate("a stranger", is_authority=True)},
    "expired": {"days": -1},
    "wrong host": {"name": "other.example"},
}


@pytest.mark.parametrize("flaw", FLAWS.values(), ids=FLAWS.keys())
def test_a_server_with_another_certificate_gets_no_request(tls, monkeypatch, tmp_path, flaw):
    server = tls(**flaw)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(tmp_path / "server.pem"))
    monkeypatch.setenv("CURL_CA_BUNDLE", str(tmp_path / "server.pem"))
    assert sort_of(failure_of(Endpoint(server.url, KEY), seconds=20)) == (NotSent, "certificate")
    assert server.requests == []


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion")
@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1], ids=["1.0", "1.1"])
def test_a_server_that_speaks_an_old_tls_gets_no_request(tls, version):
    server = tls(version=version)
    assert sort_of(failure_of(Endpoint(server.url, KEY))) == (NotSent, "tls")
    assert server.requests == []


def test_a_server_that_speaks_no_tls_gets_no_request(upstream):
    endpoint = Endpoint(upstream.url.replace("http:", "https:"), KEY)
    upstream.behave = lambda line: line.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    assert sort_of(failure_of(endpoint, seconds=0.2)) == (NotSent, "tls")


def test_proxies_and_netrc_in_the_environment_are_ignored(endpoint, upstream, elsewhere, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login somebody password secret\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, elsewhere.url)
    call(endpoint, PARAMS, seconds=IN_TIME)
    assert elsewhere.connections == 0
    assert b"Authorization" not in upstream.requests[0]


def test_cookies_are_not_kept(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"OK", "Set-Cookie: a=b; Path=/"))
    call(endpoint, PARAMS, seconds=IN_TIME)
    call(endpoint, PARAMS, seconds=IN_TIME)
    assert b"Cookie" not in upstream.requests[1]


@pytest.mark.parametrize("fresh", [False, True])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(endpoint, upstream, elsewhere, status, fresh):
    location = f"Location: {elsewhere.url}"
    upstream.behave = lambda line: line.say(reply(b"ACCESS_NUMBER:1:15550199999", location, status=f"{status} Moved"))
    assert sort_of(failure_of(endpoint, fresh=fresh)) == (Uncertain, "redirect")
    assert (elsewhere.connections, len(upstream.requests)) == (0, 1)


@pytest.mark.parametrize("target", ["/api/other/", "file:///etc/passwd", "", "http://[", "\x7f"])
def test_wherever_a_redirect_leads_it_is_one(endpoint, upstream, target):
    upstream.behave = lambda line: line.say(reply(b"", f"Location: {target}", status="302 Found"))
    assert sort_of(failure_of(endpoint)) == (Uncertain, "redirect")
    assert len(upstream.requests) == 1


# What it reads


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found"])
def test_an_answer_of_the_api_may_come_with_these_statuses(endpoint, upstream, status):
    upstream.behave = lambda line: line.say(reply(b"NO_NUMBERS", status=status))
    assert call(endpoint, PARAMS, seconds=IN_TIME) == "NO_NUMBERS"


@pytest.mark.parametrize("status", [500, 502, 503, 504, 520, 521, 522, 523, 524, 525, 526, 527, 599, 103, 600])
def test_no_body_is_believed_with_these_statuses(endpoint, upstream, status):
    upstream.behave = lambda line: line.say(reply(b"NO_NUMBERS", status=f"{status} x"))
    failure = failure_of(endpoint)
    assert (type(failure), failure.kind) == (Uncertain, f"HTTP {status}")


def test_doubt_keeps_the_beginning_of_the_page(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"<html>\xff\0" + b"x" * 5000, status="503 x"))
    assert failure_of(endpoint).excerpt == ("<html>\ufffd\ufffd" + "x" * 256)[:256]


def test_an_answer_may_be_as_long_as_the_cap(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"x" * TEXT_CAP))
    assert len(call(endpoint, PARAMS, seconds=IN_TIME)) == TEXT_CAP


@pytest.mark.parametrize(
    "head", [HEAD + b"Content-Length: 99999999999\r\n\r\n", HEAD + b"\r\n", CHUNKED], ids=["length", "none", "chunked"]
)
def test_reading_stops_at_the_cap(endpoint, upstream, head):
    counts = []
    piece = b"4000\r\n" + b"x" * 0x4000 + b"\r\n" if head == CHUNKED else b"x" * 0x4000
    upstream.behave = lambda line: (line.say(head), counts.append(line.flood(piece)))
    assert sort_of(failure_of(endpoint)) == (Uncertain, "size")
    assert upstream.has_hung_up.wait(IN_TIME)
    upstream.close()
    assert counts[0] < 20 * 2**20  # most of it lies in the system's own buffers


def test_an_answer_one_byte_over_the_cap_is_too_long(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"x" * (TEXT_CAP + 1)))
    assert sort_of(failure_of(endpoint)) == (Uncertain, "size")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "identity", "gzip, gzip"])
@pytest.mark.parametrize("body", [b"STATUS_OK:1", b"\x1f\x8b\x08\0\0\0\0\0\0\x03" + b"\xff" * 30_000])
def test_an_answer_that_claims_an_encoding_is_refused(endpoint, upstream, encoding, body):
    upstream.behave = lambda line: line.say(reply(body, f"Content-Encoding: {encoding}"))
    assert sort_of(failure_of(endpoint)) == (Uncertain, "encoding")


def test_an_answer_in_fifty_layers_of_encoding_leaves_doubt(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(b"STATUS_OK:1", "Content-Encoding: " + ", ".join(["gzip"] * 50)))
    assert type(failure_of(endpoint)) is Uncertain


BROKEN = {
    "nothing": b"",
    "half a status line": b"HTTP/1.1 20",
    "HTTP/0.9": b"STATUS_OK:123456",
    "a status that is no number": b"HTTP/1.1 OK\r\n\r\n",
    "too many headers": HEAD + b"X: y\r\n" * 200 + b"\r\n",
    "a body that ends early": HEAD + b"Content-Length: 99\r\n\r\nSTATUS_OK:123456",
    "two lengths": HEAD + b"Content-Length: 4\r\nContent-Length: 10\r\n\r\nNO_NUMBERS",
    "chunks that end early": CHUNKED + b"40\r\nSTATUS_OK:1",
    "a chunk without a size": CHUNKED + b"zz\r\nSTATUS_OK:1\r\n0\r\n\r\n",
    "a proxy's preamble": b"PROXY TCP4 1.2.3.4 5.6.7.8 1 2\r\n" + reply(),
    "a TLS alert": b"\x15\x03\x03\x00\x02\x02\x28",
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_is_no_http_leaves_doubt(endpoint, upstream, answer):
    upstream.behave = lambda line: (line.say(answer), line.hang_up())
    assert sort_of(failure_of(endpoint)) == (Uncertain, "connection")


@pytest.mark.parametrize("answer", [reply(status="204 No Content"), reply(b"", status="200 OK"), HEAD + b"\r\n"])
def test_an_empty_answer_is_empty_text(endpoint, upstream, answer):
    upstream.behave = lambda line: (line.say(answer), line.hang_up())
    assert call(endpoint, PARAMS, seconds=IN_TIME) == ""


def test_what_follows_an_answer_is_not_taken_for_the_next(endpoint, upstream):
    upstream.behave = lambda line: line.say(HEAD + b"Content-Length: 2\r\n\r\nOK" + reply(b"STATUS_OK:666"))
    call(endpoint, PARAMS, seconds=IN_TIME)
    upstream.behave = lambda line: line.say(reply())
    assert call(endpoint, PARAMS, seconds=IN_TIME) == "STATUS_WAIT_CODE"


def test_sixty_four_threads_get_their_own_answers(endpoint, upstream):
    upstream.behave = lambda line: line.say(reply(line.request.split()[1].split(b"=")[-1]))
    answers = {}

    def ask(number):
        answers[number] = call(endpoint, {"id": number}, seconds=20)

    threads = [threading.Thread(target=ask, args=(str(number),)) for number in range(64)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert answers == {number: number for number in map(str, range(64))}


def test_the_library_below_does_not_log_every_request():
    assert logging.getLogger("urllib3.connectionpool").getEffectiveLevel() >= logging.INFO


# Who may reach the network


@pytest.mark.parametrize("package", ["legitsms", "provider", "catalog", "orders", "team", "legitsms_site"])
def test_no_other_module_imports_an_http_client(package):
    sandbox, seam = ROOT / "legitsms" / "sandbox", ROOT / "legitsms" / "transport.py"
    modules = [path for path in (ROOT / package).rglob("*.py") if sandbox not in path.parents and path != seam]
    assert [path for path in modules if CLIENTS & imported(path)] == []


def imported(path):
    """Return the dotted names that a module imports, and all their beginnings."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    names = [name.name for node in nodes if isinstance(node, ast.Import) for name in node.names]
    names += [f"{node.module}.{name.name}" for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names]
    return {name.rsplit(".", count)[0] for name in names for count in range(name.count(".") + 1)}
