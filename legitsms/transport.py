"""Sends one GET request and returns the text of the answer, or raises what is known about the failure.

The only module that imports requests. It uses the HTTP adapter without a `Session`: redirects, cookies, proxies and
netrc could send the URL, which contains the API key, to another host.
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
from legitsms.rate_limits import rate_limit
from legitsms.sockets import Attempt, BoundedTLSSocket, connect

if TYPE_CHECKING:
    import socket
    from collections.abc import Mapping

    from legitsms.endpoint import Endpoint

TEXT_CAP = 64 * 1024  # most bytes of a short answer
LIST_CAP = 5 * 1024 * 1024  # most bytes of a list
HEAD_CAP = 64 * 1024  # most bytes before the body; Python alone would accept 100 headers of 64 KiB each
EXCERPT_CAP = 4096  # bytes of a rejected body that are decoded, for the exception's excerpt
POOL_SIZE = 64  # kept connections; the caller polls with 64 threads

HEADERS = {"User-Agent": "LegitSMS-Desk", "Accept": "*/*", "Accept-Encoding": "identity"}
KEEP_ALIVE_HEADERS = CaseInsensitiveDict(HEADERS)
CLOSE_HEADERS = CaseInsensitiveDict(HEADERS | {"Connection": "close"})


def _has_no_key(record: logging.LogRecord) -> bool:
    return "api_key=" not in record.getMessage()


logging.getLogger("urllib3").setLevel(logging.INFO)  # at DEBUG it logs every URL, which contains the key
for _name in ("urllib3.connection", "urllib3.connectionpool", "urllib3.util.retry"):  # these also log URLs as warnings
    logging.getLogger(_name).addFilter(_has_no_key)

_attempt: ContextVar[Attempt] = ContextVar("attempt")


class _Response(HTTPResponse):
    """A response whose head and body are limited in size."""

    def begin(self) -> None:
        attempt = _attempt.get()
        attempt.room = HEAD_CAP
        super().begin()
        attempt.room = 2 * attempt.cap + HEAD_CAP  # chunk sizes and trailers come on top of the body


class _Bounded(HTTPConnection):
    """A connection bound by the deadline of the calling thread's attempt."""

    response_class = _Response

    def _new_conn(self) -> socket.socket:
        return connect(self._dns_host, self.port, _attempt.get())

    def send(self, data: Any) -> None:
        if self.sock is None:
            self.connect()
        self.sock.attempt = _attempt.get()  # type: ignore[union-attr]  # it is a BoundedSocket
        super().send(data)


class _BoundedTLS(_Bounded, HTTPSConnection):
    def connect(self) -> None:
        try:
            super().connect()
        except ssl.SSLCertVerificationError:  # the server does not prove its identity
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


TLS = _trust()  # shared: loading the root certificates costs more than 100 polls


class _Adapter(HTTPAdapter):
    """Requests' HTTP adapter over bounded connections. Follows no redirect and retries nothing."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=TLS)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TLSPool}

    def cert_verify(self, *args: Any) -> None:
        """Do nothing: `TLS` verifies; the original would load the root certificates for every connection."""


_shared = _Adapter(pool_maxsize=POOL_SIZE)


def _replace_connections() -> None:
    global _shared  # noqa: PLW0603
    _shared = _Adapter(pool_maxsize=POOL_SIZE)


# Two processes that share a connection would read each other's answers.
os.register_at_fork(after_in_child=_replace_connections)


def call(
    endpoint: Endpoint, params: Mapping[str, str], *, seconds: float, cap: int = TEXT_CAP, fresh: bool = False
) -> str:
    """Send one GET request and return the text of its answer, with the key masked. Never sends it a second time.

    Ends within `seconds`, name resolution included, and reads at most `cap` bytes of the body. `fresh` uses a new
    connection: a kept one may be dead already, and then the outcome of a purchase would be unknown.
    Raises `NotSent` if no byte was sent, `TooManyRequests` after HTTP 429, else `Uncertain` if there is no trustworthy
    answer.
    """
    outcome = _exchange(endpoint, params, Attempt(seconds, cap), fresh)
    if isinstance(outcome, LegitSMSError):
        raise outcome  # here, where neither a local variable nor __context__ contains the URL
    return outcome


def _exchange(endpoint: Endpoint, params: Mapping[str, str], attempt: Attempt, fresh: bool) -> str | LegitSMSError:
    if not all(value and value.isprintable() for value in params.values()):
        return NotSent("input")
    token = _attempt.set(attempt)
    try:
        with closing(_Adapter()) if fresh else nullcontext(_shared) as adapter:
            request = PreparedRequest()
            request.method, request.url = "GET", endpoint.address(params)
            request.headers = CLOSE_HEADERS if fresh else KEEP_ALIVE_HEADERS
            with adapter.send(request, stream=True, timeout=attempt.seconds) as response:
                return _read(response, endpoint, attempt.cap)
    except Exception:  # noqa: BLE001 - all that matters is whether a byte was sent; the message may contain the key
        return attempt.failure()
    finally:
        _attempt.reset(token)


def _read(response: Response, endpoint: Endpoint, cap: int) -> str | LegitSMSError:
    """Return the body if it may be an answer of the API: status 2xx or 4xx, not too large, not compressed."""
    body = bytearray()
    while len(body) <= cap and (piece := response.raw.read(cap + 1 - len(body), decode_content=False)):
        body += piece
    text = endpoint.mask(body[:EXCERPT_CAP].decode("utf-8", "replace"))
    status = response.status_code
    if 300 <= status < 400:  # noqa: PLR2004
        return Uncertain("redirect", text)
    if limited := rate_limit(status, response.headers, text):
        return limited
    if not 200 <= status < 500:  # noqa: PLR2004
        return Uncertain(f"HTTP {status}", text)
    if "Content-Encoding" in response.headers:  # we asked for none; decompressing could fill the memory
        return Uncertain("encoding", text)
    if len(body) > cap:
        return Uncertain("size", text)
    return endpoint.mask(body.decode("utf-8", "replace"))
