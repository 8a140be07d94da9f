"""The one seam to the network: a GET goes out, and its text comes back, or what is known about the failure.

No other module imports requests. Its adapter is used without a `Session`, whose redirects, cookies, proxies and netrc
could only do harm here: an answer from elsewhere is no answer, and the URL holds the key.
"""

from __future__ import annotations

import logging
import os
import ssl
from contextlib import closing, nullcontext
from contextvars import ContextVar
from http.client import HTTPResponse
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from legitsms.exceptions import LegitSMSError, NotSent, Uncertain
from legitsms.sockets import Attempt, BoundedTLSSocket, connect

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from legitsms.endpoint import Endpoint

TEXT_CAP = 64 * 1024  # bytes of a short answer
LIST_CAP = 5 * 1024 * 1024  # bytes of a list
HEAD_CAP = 64 * 1024  # bytes before the body; Python itself would take a hundred headers of as many, and 50 MB for them
BEGINNING = 4096  # bytes of a body that is no answer: enough for what a person is shown
POOL_SIZE = 64  # connections that are kept: as many as the sweep has threads
TOO_MANY_REQUESTS = 429

HEADERS = {"User-Agent": "LegitSMS-Desk", "Accept": "*/*", "Accept-Encoding": "identity"}
KEPT = CaseInsensitiveDict(HEADERS)
ONCE = CaseInsensitiveDict(HEADERS | {"Connection": "close"})


def _holds_no_key(record: logging.LogRecord) -> bool:
    return "api_key=" not in record.getMessage()


logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it logs every URL, with the key in it
for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):  # and some of them as warnings
    logging.getLogger(_name).addFilter(_holds_no_key)

_attempt: ContextVar[Attempt] = ContextVar("attempt")


class _Response(HTTPResponse):
    """An answer whose head has an end, and whatever comes after it."""

    def begin(self) -> None:
        attempt = _attempt.get()
        attempt.room = HEAD_CAP
        super().begin()
        attempt.room = 2 * attempt.cap + HEAD_CAP  # the sizes of chunks and the trailers are no part of the body


class _Bounded(HTTPConnection):
    """A connection that serves the attempt of the thread that uses it."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port, _attempt.get())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.attempt = _attempt.get()  # type: ignore[union-attr]  # it is one of our bounded sockets
        super().send(data)


class _BoundedTLS(_Bounded, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except ssl.SSLCertVerificationError:  # whoever it is does not prove to be the one we call
            _attempt.get().stage = "certificate"
            raise


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class _TLSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLS


def _trust() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # verifies certificate and host name
    context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
    context.sslsocket_class = BoundedTLSSocket
    return context


TLS = _trust()  # one for the process: reading the roots costs more than a hundred polls


class _Adapter(HTTPAdapter):
    """Requests' adapter over our connections. It follows no redirect and retries nothing."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=TLS)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def cert_verify(self, *args: Any) -> None:
        """Do nothing: `TLS` verifies, while the original would read the roots again for every connection."""


_kept = _Adapter(pool_maxsize=POOL_SIZE)


def _forget_connections() -> None:
    global _kept  # noqa: PLW0603
    _kept = _Adapter(pool_maxsize=POOL_SIZE)


# Two processes on one connection would read each other's answers.
os.register_at_fork(after_in_child=_forget_connections)


def call(
    endpoint: Endpoint, params: Mapping[str, str], *, seconds: float, cap: int = TEXT_CAP, fresh: bool = False
) -> str:
    """Make one call and return the text of its answer, with the key masked; never makes it a second time.

    It ends within `seconds`, name resolution included, and reads `cap` bytes at most. `fresh` makes it on a connection
    of its own: a kept one may be dead already, which would leave a purchase in doubt.
    Raises `NotSent` if nothing of it left this machine, else `Uncertain` where there is no trustworthy answer.
    """
    outcome = _exchange(endpoint, params, Attempt(seconds, cap), fresh)
    if isinstance(outcome, LegitSMSError):
        raise outcome  # here, where neither a local nor a context holds the URL
    return outcome


def _exchange(endpoint: Endpoint, params: Mapping[str, str], attempt: Attempt, fresh: bool) -> str | LegitSMSError:
    if not all(value and value.isprintable() for value in params.values()):
        return NotSent("input")
    token = _attempt.set(attempt)
    try:
        with closing(_Adapter()) if fresh else nullcontext(_kept) as adapter:
            request = PreparedRequest()
            request.method, request.url = "GET", endpoint.address(params)
            request.headers = ONCE if fresh else KEPT
            with adapter.send(request, stream=True, timeout=attempt.seconds) as response:
                return _judge(response, endpoint, attempt.cap)
    except Exception:  # noqa: BLE001 - whatever broke, what matters is whether a byte had left; and its message may hold the key
        return attempt.failure()
    finally:
        _attempt.reset(token)


def _judge(response: Response, endpoint: Endpoint, cap: int) -> str | Uncertain:
    """Return the body if it may be an answer of the API, whose words come with status 200 and with some 4xx."""
    body = bytearray()
    while len(body) <= cap and (piece := response.raw.read(cap + 1 - len(body), decode_content=False)):
        body += piece
    text = endpoint.mask(body[:BEGINNING].decode("utf-8", "replace"))
    status = response.status_code
    if 300 <= status < 400:  # noqa: PLR2004
        return Uncertain("redirect", text)
    if status == TOO_MANY_REQUESTS or not 200 <= status < 500:  # noqa: PLR2004
        return Uncertain(f"HTTP {status}", text)
    if "Content-Encoding" in response.headers:  # we asked for none; unpacking is how a bomb goes off
        return Uncertain("encoding", text)
    if len(body) > cap:
        return Uncertain("size", text)
    return endpoint.mask(body.decode("utf-8", "replace"))
