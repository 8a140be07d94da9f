"""Parses the API's short text answers. Pure functions without I/O; a text that is not in the protocol always raises.

Every parser takes the answer's text. It raises `Refused` for an error word that belongs to its call, else `Uncertain`.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from legitsms.envelopes import error_text, plain
from legitsms.error_words import Call, error_for
from legitsms.exceptions import LegitSMSError, Uncertain

CODE_LENGTH = 1000  # characters of an SMS that are kept; the rest is cut off
WAITING = ("STATUS_WAIT_CODE:", "STATUS_WAIT_RETRY:")  # what follows these is not a new code

NUMBER = re.compile(r"ACCESS_NUMBER:([0-9A-Za-z_-]{1,64}):(\+?[0-9]{5,20})")


@dataclass(frozen=True, slots=True)
class Number:
    """A phone number that was bought."""

    activation_id: str  # upstream's ORDER_ID; opaque, so text
    phone: str  # digits only, with country code, no "+"; not always a valid number


@dataclass(frozen=True, slots=True)
class Waiting:
    """No SMS has arrived, or no new one."""


@dataclass(frozen=True, slots=True)
class Code:
    """An SMS arrived. Its text is untrusted; it has no NUL and no lone surrogate, which databases refuse."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The order was cancelled or finished, or has expired. The answer does not say whether it was refunded."""


Status = Waiting | Code | Closed


class Closing(enum.Enum):
    """How upstream closed the order, as it says."""

    CANCELLED = "ACCESS_CANCEL"  # cancelled and refunded: the only answer that proves a refund
    FINISHED = "ACCESS_ACTIVATION"


def parse_number(text: str) -> Number:
    """Parse ``ACCESS_NUMBER:ORDER_ID:PHONE_NUMBER``.

    Any other text that begins so is `Uncertain`: money was probably spent.
    """
    text = plain(text)
    if found := NUMBER.fullmatch(text):
        return Number(found[1], found[2].removeprefix("+"))
    raise failure(text, Call.GET_NUMBER)


def parse_status(text: str) -> Status:
    """Parse the answer to getStatus. The text in ``STATUS_WAIT_RETRY:text`` is the previous code, never a new one."""
    text = plain(text)
    if text in {"STATUS_WAIT_CODE", "STATUS_WAIT_RESEND"} or text.startswith(WAITING):
        return Waiting()
    if text in {"STATUS_CANCEL", "STATUS_FINISH"}:
        return Closed()
    if code := _code(text):
        return code
    raise failure(text, Call.GET_STATUS)


def parse_closing(text: str) -> Closing | Code:
    """Parse the answer to setStatus. It is a code if an SMS arrived before the order could be closed."""
    text = plain(text)
    if text in {"ACCESS_CANCEL", "ACCESS_ACTIVATION"}:
        return Closing(text)
    if code := _code(text):
        return code
    raise failure(text, Call.SET_STATUS)


def _code(text: str) -> Code | None:
    """Return everything after the first colon of ``STATUS_OK:``; None if it is blank."""
    if not text.startswith("STATUS_OK:"):
        return None
    sms = text.removeprefix("STATUS_OK:").replace("\0", "")
    sms = sms.encode("utf-8", "replace").decode()  # a lone surrogate from a JSON string cannot be stored
    return Code(sms[:CODE_LENGTH]) if sms.strip() else None


def failure(text: str, call: Call) -> LegitSMSError:
    """Return the exception for a plain text that is not a success of `call`."""
    error = error_for(error_text(text), text, call)
    return error or Uncertain("not understood" if text else "empty", text)
