"""Parses the API's short text answers. Pure functions without I/O; a text that is not in the protocol always raises.

Every parser takes the answer's text. It raises `Refused` for an error word that belongs to its call, else `Uncertain`.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass

from legitsms.error_words import Call, error_for
from legitsms.exceptions import LegitSMSError, Uncertain

BLANKS = " \t\r\n\f\v\ufeff"  # stripped from both ends of an answer: ASCII white space and a byte order mark
CODE_LENGTH = 1000  # characters of an SMS that are kept; the rest is cut off
ERROR_KEYS = {"error", "errors", "error_code", "title"}  # an envelope with one of these does not report success
WAITING = ("STATUS_WAIT_CODE:", "STATUS_WAIT_RETRY:")  # what follows these is not a new code
LONGEST_ENVELOPE = (
    64 * 1024
)  # characters; a longer text is not an envelope, and parsing it could take gigabytes of memory

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


def plain(text: str) -> str:
    """Return the protocol's text: without surrounding blanks, and out of one JSON string or success envelope."""
    text = text.strip(BLANKS)
    inner = _json(text) if text.startswith('"') else _enveloped_text(text)
    return inner if isinstance(inner, str) else text


def _enveloped_text(text: str) -> str | None:
    """Return the text in a JSON envelope that reports success and no error; else None."""
    envelope = _envelope(text)
    if envelope.keys() & ERROR_KEYS or envelope.get("success", True) is not True:
        return None
    match envelope:
        case {"status": True, "message": str(inner)} | {"status": "success", "data": str(inner)}:
            return inner
    return None


def failure(text: str, call: Call) -> LegitSMSError:
    """Return the exception for a plain text that is not a success of `call`."""
    error = error_for(_enveloped_error(text), text, call)
    return error or Uncertain("not understood" if text else "empty", text)


def _enveloped_error(text: str) -> str:
    """Return the error word in a JSON envelope; `text` itself if it is not one.

    Error envelopes never contain a success: ``{"status": "error", "message": "ACCESS_CANCEL"}`` is `Uncertain`.
    """
    match _envelope(text):
        case {"status": "error", "message": str(word)} | {"success": False, "error_code": str(word)}:
            return word
        case {"title": str(word)}:  # comes with HTTP 4xx
            return word
        case {"code": "invalid_key"}:  # WordPress's format, which older APIs on the same host use
            return "BAD_KEY"
    return text


def _envelope(text: str) -> dict[str, object]:
    """Return the JSON object that `text` is; an empty one if it is none, or contradicts itself by a repeated key."""
    found = _json(text) if text.startswith("{") and len(text) <= LONGEST_ENVELOPE else None
    return found if isinstance(found, dict) else {}


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except (ValueError, RecursionError):
        return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object] | None:
    found = dict(pairs)
    return found if len(found) == len(pairs) else None
