"""Sockets that enforce a deadline for a whole call, and record whether a byte of the request was sent.

An ordinary time-out bounds a single read: a server that sends one byte a second never exceeds it. Here the time-out of
every wait is the time left until the call's deadline. A TLS handshake and a `sendall` count as one wait each.
No watchdog thread is needed: the calling thread itself stops, so no part of the request can be sent later.
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

CONNECT_SECONDS = 4  # for one address of a host, so that an unreachable IPv6 address leaves time for IPv4

Addresses = list[tuple[Any, ...]]  # as returned by getaddrinfo
LookUp = Callable[..., Addresses]


@dataclass(slots=True)
class Attempt:
    """The state of one call: its deadline, its progress, and how much of the answer may still be read."""

    seconds: float
    cap: int = 0  # most bytes of the answer's body
    stage: str = "start"  # while connecting: "name", "connect", "tls" or "certificate"
    is_sent: bool = False  # set just before the first byte of the request is sent
    room: float = inf  # bytes that may still be read
    due: float = field(init=False)  # deadline, monotonic seconds

    def __post_init__(self) -> None:
        self.due = monotonic() + self.seconds

    def left(self) -> float:
        """Return the seconds left, more than 0, or raise `TimeoutError`."""
        left = self.due - monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def failure(self) -> LegitSMSError:
        """Return the exception that a failure at this point means: `NotSent` if no byte was sent, else `Uncertain`."""
        if not self.is_sent:
            return NotSent(self.stage)
        if self.room < 0:
            return Uncertain("size")
        return Uncertain("timeout" if monotonic() >= self.due else "connection")


class BoundedSocket(socket.socket):
    """A socket whose waits all end at the deadline of its current `attempt`."""

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
            raise OSError("the answer is too large")
        return count


class BoundedTLSSocket(BoundedSocket, ssl.SSLSocket):
    """The same over TLS. The handshake is bounded by the time-out that `connect` set on the socket."""


def connect(host: str, port: int, attempt: Attempt, look_up: LookUp = socket.getaddrinfo) -> BoundedSocket:
    """Return a socket connected to the first address of `host` that accepts, before the deadline of `attempt`.

    Raises `OSError`. Sets `attempt.stage`.
    """
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
    """Return the addresses of `host`. Runs the resolver in a thread: `getaddrinfo` has no time-out."""
    with contextlib.suppress(socket.gaierror):
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    answer: Future[Addresses] = Future()

    def wait() -> None:
        try:
            answer.set_result(look_up(host, port, type=socket.SOCK_STREAM))
        except Exception as error:  # noqa: BLE001 - a name that cannot be encoded raises UnicodeError
            answer.set_exception(error)

    threading.Thread(target=wait, name="look-up", daemon=True).start()
    return answer.result(attempt.left())
