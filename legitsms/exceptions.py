"""What can go wrong with a call, sorted by what the caller may do next.

    LegitSMSError
    ├── NotSent            nothing left this machine: the call may be made again
    ├── Refused            an error word of the protocol: nothing happened upstream
    │   ├── BadKey         every call will fail until the key is replaced
    │   ├── NoBalance      money has to be added
    │   ├── NoNumbers      another server or country may have some
    │   ├── BadService     the lists we know are out of date
    │   ├── TooEarly       the same cancel will be allowed later
    │   ├── NoActivation   this key has no such order (any more)
    │   └── AlreadyClosed  the order is closed already, nobody says how
    ├── Uncertain          no trustworthy answer, the call may have taken effect: never repeat a purchase
    │   └── ServerFault    the same, in upstream's own words
    └── Garbled            a list that is not one: keep the list we have

A word refuses only as an answer to a call it belongs to (see `replies`): elsewhere the very same word is `Uncertain`.
None of them ever holds the API key: `transport` masks it in every body before anybody reads it.
"""

from __future__ import annotations

EXCERPT_LENGTH = 256  # characters of an answer that are kept for a person to look at


class LegitSMSError(Exception):
    """`kind` says in a word or two what happened; `excerpt` is how upstream's answer began, in printable characters."""

    def __init__(self, kind: str, excerpt: str = "") -> None:
        excerpt = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in excerpt[:EXCERPT_LENGTH])
        super().__init__(kind, excerpt)
        self.kind = kind
        self.excerpt = excerpt

    def __str__(self) -> str:
        return self.kind


class NotSent(LegitSMSError):  # noqa: N818
    """Failed before the first byte left. `kind` is "input", "start", "name", "connect", "tls" or "certificate"."""


class Refused(LegitSMSError):  # noqa: N818
    """The API answered with an error word that belongs to this call. Nothing changed upstream."""

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
    """The order was cancelled, finished or expired before. Says nothing about a refund."""


class Uncertain(LegitSMSError):  # noqa: N818
    """No trustworthy answer. The call may have taken effect: never repeat a purchase.

    `kind` is "timeout", "connection", "redirect", "HTTP <status>", "encoding", "size", "empty", "not understood",
    or the server's own word for its fault.
    """


class ServerFault(Uncertain):
    """The server answered that its database failed: ERROR_SQL. Nobody knows how far it came before."""


class Garbled(LegitSMSError):  # noqa: N818
    """A list that cannot be read. `kind` is "empty", "not JSON", "wrong shape", "too many rows" or "no usable row"."""


BY_WORD: dict[str, type[LegitSMSError]] = {
    "BAD_KEY": BadKey,
    "NO_KEY": BadKey,
    "NO_BALANCE": NoBalance,
    "NO_MEANS": NoBalance,
    "NO_MONEY": NoBalance,
    "NO_NUMBERS": NoNumbers,
    "NO_NUMBER": NoNumbers,
    "BAD_SERVICE": BadService,
    "WRONG_SERVICE": BadService,
    "BAD_COUNTRY": Refused,
    "WRONG_COUNTRY": Refused,
    "BAD_ACTION": Refused,
    "BANNED": Refused,
    "CHANNELS_LIMIT": Refused,
    "WRONG_MAX_PRICE": Refused,
    "MAX_PRICE_EXCEEDED": Refused,
    "ERROR_WAIT_2_MINUTES": TooEarly,
    "EARLY_CANCEL_DENIED": TooEarly,
    "NO_ACTIVATION": NoActivation,
    "BAD_STATUS": AlreadyClosed,
    "ACCESS_CANCEL_ALREADY": AlreadyClosed,
    "ALREADY_CANCELED": AlreadyClosed,
    "ALREADY_FINISH": AlreadyClosed,
    "ERROR_SQL": ServerFault,
    "SQL_ERROR": ServerFault,
}
