"""The exceptions of the client, sorted by what the caller may do next.

    LegitSMSError
    ├── NotSent            no byte of the request left this machine: the call may be made again
    ├── Refused            an error word of the protocol: nothing changed upstream
    │   ├── BadKey         every call will fail until the key is replaced
    │   ├── NoBalance      money has to be added
    │   ├── NoNumbers      another server or country may have some
    │   ├── BadService     our copy of the lists is out of date
    │   ├── TooEarly       the same cancel will be allowed later
    │   ├── NoActivation   no such order under this key
    │   ├── AlreadyClosed  the order was closed before; whether it was refunded is not said
    │   │   └── BadStatus  perhaps it was, perhaps it is still open: only getStatus tells
    │   ├── AccountBanned  every call will fail until LegitSMS lifts the ban of the account
    │   ├── AddressBlocked every call will fail until LegitSMS unblocks this machine's IP address
    │   └── TooManyRequests  (also RateLimited) HTTP 429: the request was not served
    ├── Uncertain          no trustworthy answer, the call may have taken effect: never repeat a purchase
    │   ├── ServerFault    the same, reported by upstream in its own words
    │   └── UncertainRateLimit  (also RateLimited) the same, and a rate limit was exceeded
    ├── RateLimited        a rate limit was exceeded: send nothing before `retry_after` has passed
    └── Garbled            a list that cannot be read: keep the copy we have

An error word raises its exception only in answers to the calls it belongs to (see `error_words`);
in other answers it is `Uncertain`.
No exception contains the API key: `transport` masks it in every body before it is parsed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import timedelta

EXCERPT_LENGTH = 256  # characters of an answer that are kept, for diagnosis


class LegitSMSError(Exception):
    """`kind` says in a word or two what happened; `excerpt` is the beginning of upstream's answer, made printable."""

    def __init__(self, kind: str, excerpt: str = "") -> None:
        excerpt = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in excerpt[:EXCERPT_LENGTH])
        super().__init__(kind, excerpt)
        self.kind = kind
        self.excerpt = excerpt

    def __str__(self) -> str:
        return self.kind


class NotSent(LegitSMSError):  # noqa: N818
    """Failed before the first byte was sent. `kind` is "input", "start", "name", "connect", "tls" or "certificate"."""


class Refused(LegitSMSError):  # noqa: N818
    """The API answered with an error word that belongs to this call. Nothing was bought or changed upstream."""

    @property
    def word(self) -> str:
        """The protocol's own word, such as "NO_NUMBERS"."""
        return self.kind


class BadKey(Refused):
    """The API key is missing or not accepted."""


class NoBalance(Refused):
    """The wallet does not have enough money."""


class NoNumbers(Refused):
    """The server has no numbers for the service in the country."""


class BadService(Refused):
    """The server does not know this service."""


class TooEarly(Refused):
    """A number cannot be cancelled before two minutes have passed since the purchase."""


class NoActivation(Refused):
    """There is no such order, or it belongs to another key."""


class AlreadyClosed(Refused):
    """The order was cancelled, finished or expired before. Whether it was refunded is not said."""


class BadStatus(AlreadyClosed):
    """BAD_STATUS: the order cannot take this status now. Some servers say so of closed orders, some of open ones.

    Only getStatus tells which. Catch it before `AlreadyClosed`, and go on asking while getStatus says `Waiting`.
    """


class AccountBanned(Refused):
    """ACCOUNT_BAN: LegitSMS has banned the account that the API key belongs to."""


class AddressBlocked(Refused):
    """IP_BLOCKED: LegitSMS has blocked the IP address of this machine."""


class Uncertain(LegitSMSError):  # noqa: N818
    """There was no trustworthy answer. The call may have taken effect: never repeat a purchase.

    `kind` is "timeout", "connection", "redirect", "HTTP <status>", "encoding", "size", "empty", "not understood",
    or the server's own word for its fault.
    """


class ServerFault(Uncertain):
    """The server reported a database error (ERROR_SQL). Whether the call took effect before that is unknown."""


class RateLimited(LegitSMSError):  # noqa: N818
    """A rate limit was exceeded. Always a `TooManyRequests` or an `UncertainRateLimit`; `kind` is "HTTP <status>".

    `retry_after` is what the answer's `Retry-After` header asks for, not capped; None if it has no usable one.
    """

    def __init__(self, kind: str, excerpt: str = "", retry_after: timedelta | None = None) -> None:
        super().__init__(kind, excerpt)
        self.args = (*self.args, retry_after)  # what pickle passes to __init__
        self.retry_after = retry_after


class TooManyRequests(RateLimited, Refused):
    """HTTP 429. Nothing was bought or changed upstream: RFC 6585 says that the request was not served."""


class UncertainRateLimit(RateLimited, Uncertain):
    """A rate limit was exceeded, but the answer does not prove that the call had no effect: HTTP 503 or 403."""


class Garbled(LegitSMSError):  # noqa: N818
    """A list that cannot be read. `kind` is "empty", "not JSON", "wrong shape", "too many rows" or "no usable row"."""
