"""Takes the protocol's text out of the JSON that some servers wrap around it. Pure and total: never raises."""

from __future__ import annotations

import json
from decimal import Decimal

BLANKS = " \t\r\n\f\v\ufeff"  # stripped from both ends of an answer: ASCII white space and a byte order mark
ERROR_KEYS = {"error", "errors", "error_code", "title"}  # an object with one of these does not report success
LONGEST = 64 * 1024  # characters; a longer text is not an envelope, and parsing it could take gigabytes of memory


def plain(text: str) -> str:
    """Return the protocol's text: without surrounding blanks, and out of one JSON string or success envelope."""
    text = text.strip(BLANKS)
    inner = _json(text) if text.startswith('"') else _success_text(text)
    return inner if isinstance(inner, str) else text


def _success_text(text: str) -> str | None:
    """Return the text in an object that reports success and no error; else None."""
    found = json_object(text)
    if found.keys() & ERROR_KEYS or found.get("success", True) is not True:
        return None
    match found:
        case {"status": True, "message": str(inner)} | {"status": "success", "data": str(inner)}:
            return inner
    return None


def error_text(text: str) -> str:
    """Return the error word in an object that reports an error; `text` itself if it is not one.

    Such objects never contain a success: ``{"status": "error", "message": "ACCESS_CANCEL"}`` is `Uncertain`.
    """
    match json_object(text):
        case {"status": "error", "message": str(word)} | {"success": False, "error_code": str(word)}:
            return word
        case {"title": str(word)}:  # comes with HTTP 4xx
            return word
        case {"code": "invalid_key"}:  # WordPress's format, which older APIs on the same host use
            return "BAD_KEY"
    return text


def json_object(text: str) -> dict[str, object]:
    """Return the JSON object that `text` is, its fractions as `Decimal`; an empty one if it is none.

    An object that repeats a key contradicts itself, and counts as none.
    """
    found = _json(text) if text.startswith("{") and len(text) <= LONGEST else None
    return found if isinstance(found, dict) else {}


def _json(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object, parse_float=Decimal, parse_constant=lambda _: None)
    except (ValueError, ArithmeticError, RecursionError):  # ArithmeticError: the exponent of a number is too large
        return None


def _object(pairs: list[tuple[str, object]]) -> dict[str, object] | None:
    found = dict(pairs)
    return found if len(found) == len(pairs) else None
