"""Sockets that end a call at its deadline, and know whether a byte of it has left.

Time-outs alone bound one wait, not a call: a server that sends a byte a second is never late. Here every wait gets what
is left of the whole call; Python counts a TLS handshake and a `sendall` as one wait each, so nothing escapes.
No watchdog is needed: the thread that makes the call is the one that stops, so nothing of it can be sent later.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from math import inf
from time import monotonic
from typing import Any

from legitsms.exceptions import LegitSMSError, NotSent, Uncertain

CONNECT_SECONDS = 4  # for one address of a host, so that a dead IPv6 route leaves time for IPv4

Addresses = list[tuple[Any, ...]]  # as getaddrinfo has them
LookUp = Callable[..., Addresses]


@dataclass(slots=True)
class Attempt:
    """One call: until when it may last, and how far it came."""

    seconds: float
    cap: int = 0  # bytes of its answer, beside the head
    stage: str = "start"  # then "name", "connect", "tls" or "certificate", if a connection has to be made
    is_sent: bool = False  # from just before the first byte of the request
    room: float = inf  # bytes that may still be read
    due: float = field(init=False)

    def __post_init__(self) -> None:
        self.due = monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds left, more than none, or raise `TimeoutError`."""
        left = self.due - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def failure(self) -> LegitSMSError:
        """Return what a failure at this point means: proven unsent, or uncertain."""
        if not self.is_sent:
            return NotSent(self.stage)
        if self.room < 0:
            return Uncertain("size")
        return Uncertain("timeout" if monotonic() >= self.due else "connection")


class BoundedSocket(socket.socket):
    """A socket whose every wait ends with the attempt it serves."""

    attempt: Attempt

    def sendall(self, *args: Any, **kwargs: Any) -> None:
        self.settimeout(self.attempt.left())
        self.attempt.is_sent = True
        super().sendall(*args, **kwargs)

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self.settimeout(self.attempt.left())
        count = super().recv_into(*args, **kwargs)
        self.attempt.room -= count
        if self.attempt.room < 0:
            raise OSError("more than there is room for")
        return count


class BoundedTLSSocket(BoundedSocket, ssl.SSLSocket):
    """The same over TLS. Its handshake is bounded by the time-out that `connect` left on the socket."""


def connect(host: str, port: int, attempt: Attempt, look_up: LookUp = socket.getaddrinfo) -> BoundedSocket:
    """Return a socket connected to the first address of `host` that answers, within what is left of `attempt`."""
    attempt.stage = "name"
    addresses = resolve(host, port, attempt, look_up)
    attempt.stage = "connect"
    failure = OSError("no address")
    for entry in addresses:
        try:
            found = _open(entry, attempt)
        except OSError as error:
            failure = error
        else:
            attempt.stage = "tls"
            return found
    raise failure


def _open(entry: tuple[Any, ...], attempt: Attempt) -> BoundedSocket:
    family, kind, protocol, _, address = entry
    found = BoundedSocket(family, kind, protocol)
    try:
        found.settimeout(min(CONNECT_SECONDS, attempt.left()))
        found.connect(address)
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        found.settimeout(attempt.left())
    except OSError:
        found.close()
        raise
    return found


def resolve(host: str, port: int, attempt: Attempt, look_up: LookUp) -> Addresses:
    """Return the addresses of `host`. The resolver knows no time-out, so a thread of its own waits for it."""
    with contextlib.suppress(socket.gaierror):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    answer: Future[Addresses] = Future()

    def wait() -> None:
        try:
            answer.set_result(look_up(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - names that cannot be encoded raise no OSError
            answer.set_exception(error)

    threading.Thread(target=wait, name="look-up", daemon=True).start()
    return answer.result(attempt.left())
