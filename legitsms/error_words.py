"""The error words of the protocol: one table. A new word needs a row here, and one in the tests' corpus.

Part 1 of the API's document names BAD_KEY, ERROR_SQL, NO_ACTIVATION, NO_BALANCE, NO_NUMBERS, BAD_SERVICE and
ERROR_WAIT_2_MINUTES. The other words were seen in servers of the same protocol family.
"""

from __future__ import annotations

import enum
import re
from dataclasses import dataclass

from legitsms.exceptions import (
    AccountBanned,
    AddressBlocked,
    AlreadyClosed,
    BadKey,
    BadService,
    BadStatus,
    LegitSMSError,
    NoActivation,
    NoBalance,
    NoNumbers,
    Refused,
    ServerFault,
    TooEarly,
)

DATE = re.compile(r"'[0-9 :.-]{1,40}'")
AMOUNT = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9})?")


class Call(enum.Flag):
    """The calls of the API, as far as they differ in the error words that they are answered with."""

    LISTS = enum.auto()  # getCountries, getServices
    GET_PRICES = enum.auto()
    GET_BALANCE = enum.auto()
    GET_NUMBER = enum.auto()
    GET_STATUS = enum.auto()
    SET_STATUS = enum.auto()
    OFFER = LISTS | GET_PRICES | GET_NUMBER  # those that name a server, a country or a service
    ORDER = GET_STATUS | SET_STATUS  # those that name an order
    ANY = OFFER | ORDER | GET_BALANCE


@dataclass(frozen=True, slots=True)
class ErrorWord:
    """What a word means. As an answer to a call that is not in `calls`, it means nothing."""

    error: type[LegitSMSError]
    calls: Call
    detail: re.Pattern[str] | None = None  # what may follow the word after a colon; None: nothing


ERROR_WORDS = {
    "BAD_KEY": ErrorWord(BadKey, Call.ANY),
    "NO_KEY": ErrorWord(BadKey, Call.ANY),
    "API_KEY_NOT_VALID": ErrorWord(BadKey, Call.ANY),
    "ACCOUNT_BAN": ErrorWord(AccountBanned, Call.ANY),
    "IP_BLOCKED": ErrorWord(AddressBlocked, Call.ANY),
    "BANNED": ErrorWord(Refused, Call.ANY, DATE),
    "BAD_ACTION": ErrorWord(Refused, Call.ANY),
    "ERROR_SQL": ErrorWord(ServerFault, Call.ANY),
    "SQL_ERROR": ErrorWord(ServerFault, Call.ANY),
    "BAD_SERVICE": ErrorWord(BadService, Call.OFFER),
    "WRONG_SERVICE": ErrorWord(BadService, Call.OFFER),
    "BAD_COUNTRY": ErrorWord(Refused, Call.OFFER),
    "WRONG_COUNTRY": ErrorWord(Refused, Call.OFFER),
    "BAD_SERVER": ErrorWord(Refused, Call.OFFER),
    "WRONG_SERVER": ErrorWord(Refused, Call.OFFER),
    "BAD_ID": ErrorWord(Refused, Call.GET_NUMBER),
    "NO_NUMBERS": ErrorWord(NoNumbers, Call.GET_NUMBER | Call.GET_PRICES),
    "NO_NUMBER": ErrorWord(NoNumbers, Call.GET_NUMBER | Call.GET_PRICES),
    "NO_BALANCE": ErrorWord(NoBalance, Call.GET_NUMBER),
    "NO_MEANS": ErrorWord(NoBalance, Call.GET_NUMBER),
    "NO_MONEY": ErrorWord(NoBalance, Call.GET_NUMBER),
    "CHANNELS_LIMIT": ErrorWord(Refused, Call.GET_NUMBER),
    "WRONG_MAX_PRICE": ErrorWord(Refused, Call.GET_NUMBER, AMOUNT),
    "MAX_PRICE_EXCEEDED": ErrorWord(Refused, Call.GET_NUMBER),
    "NO_ACTIVATION": ErrorWord(NoActivation, Call.ORDER),
    "ERROR_WAIT_2_MINUTES": ErrorWord(TooEarly, Call.SET_STATUS),
    "EARLY_CANCEL_DENIED": ErrorWord(TooEarly, Call.SET_STATUS),
    "BAD_STATUS": ErrorWord(BadStatus, Call.SET_STATUS),
    "ACCESS_CANCEL_ALREADY": ErrorWord(AlreadyClosed, Call.SET_STATUS),
    "ALREADY_CANCELED": ErrorWord(AlreadyClosed, Call.SET_STATUS),
    "ALREADY_FINISH": ErrorWord(AlreadyClosed, Call.SET_STATUS),
}


def refusals(call: Call) -> frozenset[str]:
    """Return the words that refuse `call`: after them it certainly had no effect."""
    return frozenset(
        word for word, meaning in ERROR_WORDS.items() if meaning.calls & call and issubclass(meaning.error, Refused)
    )


def error_for(text: str, excerpt: str, call: Call) -> LegitSMSError | None:
    """Return the exception for `text` as an answer to `call`; None if it is not exactly an error word of `call`."""
    word, colon, detail = text.partition(":")
    meaning = ERROR_WORDS.get(word)
    if meaning is None or not meaning.calls & call:
        return None
    if colon and not (meaning.detail and meaning.detail.fullmatch(detail)):
        return None
    return meaning.error(word, excerpt)
