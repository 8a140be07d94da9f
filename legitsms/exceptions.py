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
    │   └── AlreadyClosed  the order was closed before; whether it was refunded is not said
    ├── Uncertain          no trustworthy answer, the call may have taken effect: never repeat a purchase
    │   └── ServerFault    the same, reported by upstream in its own words
    └── Garbled            a list that cannot be read: keep the copy we have

An error word raises its exception only in answers to the calls it belongs to (see `error_words`);
in other answers it is `Uncertain`.
No exception contains the API key: `transport` masks it in every body before it is parsed.
"""

from __future__ import annotations

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


class Uncertain(LegitSMSError):  # noqa: N818
    """There was no trustworthy answer. The call may have taken effect: never repeat a purchase.

    `kind` is "timeout", "connection", "redirect", "HTTP <status>", "encoding", "size", "empty", "not understood",
    or the server's own word for its fault.
    """


class ServerFault(Uncertain):
    """The server reported a database error (ERROR_SQL). Whether the call took effect before that is unknown."""


class Garbled(LegitSMSError):  # noqa: N818
    """A list that cannot be read. `kind` is "empty", "not JSON", "wrong shape", "too many rows" or "no usable row"."""
