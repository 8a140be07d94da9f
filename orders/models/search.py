"""Search for orders: by a number in any format, a name, a note, LegitSMS's order ID."""

import re
from typing import TYPE_CHECKING

from django.db.models import CharField, Q, Value
from django.db.models.functions import Concat, Lower, Substr

from team.models import User

if TYPE_CHECKING:
    from collections.abc import Iterable

# One text for each order, kept by the database itself, so that one comparison finds it. It stands in an index that is
# narrow enough to be read whole, and has a length that PostgreSQL takes into an index in every alphabet.
SEARCH_TEXT_LENGTH = 300
SPACE = Value(" ")
FIELDS = Concat(
    "phone",
    SPACE,
    "activation_id",
    SPACE,
    "service_name",
    SPACE,
    "country_name",
    SPACE,
    "note",
    output_field=CharField(),
)
SEARCH_TEXT = Lower(Substr(FIELDS, 1, SEARCH_TEXT_LENGTH))

NUMBER = re.compile(r"[\d\s()+./-]+")
TRUNK = re.compile(r"^(?:06(?=\d{9}$)|0+|8(?=\d{10}$))")  # dialled at home, not part of the international number
WHOLE = 7  # digits; fewer are a part of a number, in which a zero is a digit like any other
MOST_WORDS = 6


def found_by(text: str) -> Q:
    """Orders of which every word of `text` is a part, or whose number it is, whichever way it is written."""
    match = Q()
    for word in text.split()[:MOST_WORDS]:
        match &= has(word) | of_member(word)
    digits = as_number(text)
    return match | has(digits) if digits not in {"", text} else match


def as_number(text: str) -> str:
    """The digits of a number that somebody wrote in their own way: +44 (0)7911…, 0044…, 07911…; else nothing."""
    if not NUMBER.fullmatch(text):
        return ""
    digits = re.sub(r"\D", "", text.replace("(0)", ""))
    return TRUNK.sub("", digits) if len(digits) >= WHOLE else digits


def has(word: str) -> Q:
    match = Q()
    for way in cases(word):
        match |= Q(search_text__contains=way)
    return match


def cases(word: str) -> "Iterable[str]":
    """As the text may stand there: SQLite lowers only the letters from A to Z, PostgreSQL others too."""
    return dict.fromkeys(ascii_lower(way) for way in (word, word.lower(), word.upper()))


def ascii_lower(text: str) -> str:
    return "".join(sign.lower() if sign.isascii() else sign for sign in text)


def of_member(word: str) -> Q:
    named = Q(username__icontains=word) | Q(first_name__icontains=word) | Q(last_name__icontains=word)
    return Q(owner__in=list(User.objects.filter(named).values_list("pk", flat=True)))
