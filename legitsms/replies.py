"""What the API's short answers mean. Pure and total: what is not in the protocol raises, and never becomes a default.

Every parser takes the answer's text and raises `Refused` for an error word of its own call, else `Uncertain`.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass

from legitsms.exceptions import BY_WORD, LegitSMSError, Uncertain

BLANKS = " \t\r\n\f\v\ufeff"  # what servers put around an answer: ASCII white space and a byte order mark
CODE_LENGTH = 1000  # characters of an SMS that are kept
LONGEST_ENVELOPE = 64 * 1024  # characters; whatever is longer is no error, and reading it could take gigabytes

ANY_CALL = frozenset({"BAD_KEY", "NO_KEY", "BAD_ACTION", "BANNED"})
BUYING = ANY_CALL | {
    *("NO_NUMBERS", "NO_NUMBER", "NO_BALANCE", "NO_MEANS", "NO_MONEY", "BAD_SERVICE", "WRONG_SERVICE"),
    *("BAD_COUNTRY", "WRONG_COUNTRY", "CHANNELS_LIMIT", "WRONG_MAX_PRICE", "MAX_PRICE_EXCEEDED"),
}
ASKING = ANY_CALL | {"NO_ACTIVATION"}
CLOSING = ASKING | {
    *("ERROR_WAIT_2_MINUTES", "EARLY_CANCEL_DENIED"),
    *("BAD_STATUS", "ACCESS_CANCEL_ALREADY", "ALREADY_CANCELED", "ALREADY_FINISH"),
}
LISTING = ANY_CALL | {"BAD_SERVICE", "WRONG_SERVICE", "BAD_COUNTRY", "WRONG_COUNTRY"}
FAULTS = frozenset({"ERROR_SQL", "SQL_ERROR"})

NUMBER = re.compile(r"ACCESS_NUMBER:([0-9A-Za-z_-]{1,64}):(\+?[0-9]{5,20})")
DETAILED = re.compile(r"(BANNED):'[0-9 :.-]{1,40}'|(WRONG_MAX_PRICE):[0-9]{1,9}(?:\.[0-9]{1,9})?")


@dataclass(frozen=True, slots=True)
class Number:
    """A number that was bought."""

    activation_id: str  # upstream's ORDER_ID; opaque, so text
    phone: str  # digits only, with country code, no "+"; not always a valid number


@dataclass(frozen=True, slots=True)
class Waiting:
    """No SMS yet, or no new one."""


@dataclass(frozen=True, slots=True)
class Code:
    """An SMS arrived. Written by strangers: anything may stand in it but NUL, which a database refuses."""

    text: str


@dataclass(frozen=True, slots=True)
class Closed:
    """The order was cancelled or has expired. Whether it was refunded is not said."""


Status = Waiting | Code | Closed


class Closing(enum.Enum):
    """How upstream says it closed the order."""

    CANCELLED = "ACCESS_CANCEL"  # and refunded: the only answer that proves it
    FINISHED = "ACCESS_ACTIVATION"


def parse_number(text: str) -> Number:
    """Parse ``ACCESS_NUMBER:ORDER_ID:PHONE_NUMBER``. Any other text that begins so is `Uncertain`: money was spent."""
    text = plain(text)
    if found := NUMBER.fullmatch(text):
        return Number(found[1], found[2].removeprefix("+"))
    raise refusal_or_doubt(text, BUYING)


def parse_status(text: str) -> Status:
    """Parse the answer to getStatus. ``STATUS_WAIT_RETRY:code`` carries the previous code, never a new one."""
    text = plain(text)
    if text in {"STATUS_WAIT_CODE", "STATUS_WAIT_RESEND"} or text.startswith("STATUS_WAIT_RETRY:"):
        return Waiting()
    if text == "STATUS_CANCEL":
        return Closed()
    if code := _code(text):
        return code
    raise refusal_or_doubt(text, ASKING)


def parse_closing(text: str) -> Closing | Code:
    """Parse the answer to setStatus, which is a code if one arrived before the order could be closed."""
    text = plain(text)
    if text in {"ACCESS_CANCEL", "ACCESS_ACTIVATION"}:
        return Closing(text)
    if code := _code(text):
        return code
    raise refusal_or_doubt(text, CLOSING)


def _code(text: str) -> Code | None:
    """Everything after the first colon of ``STATUS_OK:``, verbatim; None if nothing is there."""
    if not text.startswith("STATUS_OK:"):
        return None
    sms = text.removeprefix("STATUS_OK:").replace("\0", "")
    sms = sms.encode("utf-8", "replace").decode()  # half a surrogate pair out of a JSON string cannot be stored
    return Code(sms[:CODE_LENGTH]) if sms.strip() else None


def plain(text: str) -> str:
    """Return the text without the blanks around it and the quotes that make it a JSON string."""
    text = text.strip(BLANKS)
    if text.startswith('"'):
        inner = _json(text)
        return inner if isinstance(inner, str) else text
    return text


def refusal_or_doubt(text: str, words: frozenset[str]) -> LegitSMSError:
    """Return the exception for a plain text that is no success, where only `words` refuse."""
    word = error_word(text)
    if word in words or word in FAULTS:
        return BY_WORD[word](word, text)
    return Uncertain("not understood" if text else "empty", text)


def error_word(text: str) -> str:
    """Return the error word in `text`, or in one of the envelopes it is known to come in; else `text` itself.

    Only errors are looked for in envelopes: ``{"status": "error", "message": "ACCESS_CANCEL"}`` is no success.
    """
    if text.startswith("{") and len(text) <= LONGEST_ENVELOPE:
        match _json(text):
            case {"status": "error", "message": str(word)} | {"success": False, "error_code": str(word)}:
                text = word
            case {"code": "invalid_key"}:  # WordPress's, as older APIs on the same host answer
                return "BAD_KEY"
    if found := DETAILED.fullmatch(text):
        return str(found[1] or found[2])
    return text


def _json(text: str) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
