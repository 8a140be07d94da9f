"""Which entries of the three servers mean the same place, and which the same brand.

Pure and total: every text has an answer. Precision before recall, since a wrong join buys the wrong thing: what is not
certain stays apart, at most as a `Suggestion` that a person decides on. The facts are the readable files in `facts/`.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from phonenumbers import COUNTRY_CODE_TO_REGION_CODE
from rapidfuzz import fuzz, process

FACTS = Path(__file__).with_name("facts")
KEY_LENGTH = 100  # a longer name is cut, and cannot be told from others that begin alike
SPELLED_OUT = str.maketrans({"+": "plus", "&": "and"})  # "Disney+" is not "Disney"
LOST = "\ufffd\u201a"  # where a garbled letter was: without it, two names could become one
GENERIC = re.compile(r"\d*|..?|(any)?other(services?)?\d*|.{100,}", re.DOTALL)
SPACED = re.compile(r"(?<!\s)\s+[/+|]\s+|/\s+|,")  # "Twitter / X", "ySense/ Noones", "Google,youtube"
TIGHT = re.compile(r"(?<=\w)[/+|](?=\w)")  # "Google/Gmail", "Instagram+Threads", but also "24/7"
SHORTEST_PART = 3  # in a bundle without blanks: "AC/DC" is one name
FIRMS = {"inc", "llc", "ltd", "gmbh", "corp"}  # "Example, Inc." is one name
SCOPED = re.compile(r"(?:([123]):)?(.+)")
DIGITS = re.compile(r"\d+")
WORD = re.compile(r"\w+")
NEAR = 88.0  # of 100: what is less alike is not worth a person's look
NEAREST = 3  # suggestions for one entry
ALL_WORDS_SCORE = 90.0  # one name has every word of the other, which says less than being spelled alike


@dataclass(frozen=True, slots=True)
class PlaceKey:
    iso: str  # two capital letters
    variant: str  # "", or what sets this offer apart from others of its place: "virtual"


@dataclass(frozen=True, slots=True)
class BrandKey:
    """Entries with equal keys are one brand. A generic key holds its server's number, so it joins with no other."""

    key: str
    name: str  # as its owner writes it where the facts know, else as the server does
    is_generic: bool = False  # the name does not say whose service it is: "Other", "612", "GG"


@dataclass(frozen=True, slots=True)
class Suggestion:
    entry: str  # as the caller refers to it
    name: str
    brand: str  # key
    brand_name: str
    score: float  # 88 to 100


def normal(name: str) -> str:
    """Return what is left of a name without case, accents, punctuation and blanks. Two names with one form are equal.

    A name of one sign, or of punctuation only, keeps its signs: "x-" is not "X", and ":)" is not "".
    """
    bare = name
    for _ in range(2):  # folding the case of a composed letter can bring forth an accent
        bare = unicodedata.normalize("NFKD", bare).translate(SPELLED_OUT).casefold()
    key = "".join(sign for sign in bare if _counts(sign))
    if len(key) <= 1:
        key = "".join(filter(str.isprintable, unicodedata.normalize("NFKC", name).casefold())).replace(" ", "")
    return unicodedata.normalize("NFKC", key)[:KEY_LENGTH]


def _counts(sign: str) -> bool:
    is_vowel_sign = unicodedata.category(sign)[0] == "M" and not unicodedata.combining(sign)  # of Hindi, say
    return sign.isalnum() or is_vowel_sign or sign in LOST


def parts(name: str) -> tuple[str, ...]:
    """Return the names in a bundle ("Google,youtube,Gmail"), or the one name that it is ("24/7", "Canal+")."""
    found = [part.strip() for part in SPACED.split(name)]
    if not all(WORD.search(part) for part in found) or FIRMS & {normal(part) for part in found}:
        return (name,)
    return tuple(piece for part in found for piece in _tight_parts(part))


def _tight_parts(name: str) -> tuple[str, ...]:
    pieces = tuple(TIGHT.split(name))
    is_number = normal(name).isdecimal()
    return (name,) if is_number or any(len(normal(piece)) < SHORTEST_PART for piece in pieces) else pieces


@dataclass(frozen=True, slots=True)
class PlaceFact:
    place: PlaceKey
    claims: str  # the wrong ISO code that a server is known to give it, or ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The curated facts. Server 0 stands for all servers, code "" for all codes."""

    places: dict[tuple[str, int, str], PlaceFact]  # by (normal name, server, code)
    names: dict[tuple[str, int], str]  # brand by (normal alias, server)
    apart: frozenset[str]  # normal names that several companies bear
    isos: frozenset[str]

    @classmethod
    def read(cls, folder: Path = FACTS) -> Facts:
        """Read the files. Raises if one is malformed: they are part of the program."""
        places = {
            (normal(row["name"]), int(row["server"] or 0), row["code"]): PlaceFact(
                PlaceKey(row["iso"], row["variant"]), row["claims"]
            )
            for row in _rows(folder / "places.csv")
        }
        apart = frozenset(normal(row["name"]) for row in _rows(folder / "apart.csv"))
        names = {
            (key, server): row["name"]
            for row in _rows(folder / "brands.csv")
            for key, server in _aliases(row["name"], row["aliases"])
            if server or key not in apart
        }
        return cls(places, names, apart, frozenset(fact.place.iso for fact in places.values()))

    def place(self, name: str, iso: str = "", *, prefix: str = "", server: int = 0, code: str = "") -> PlaceKey | None:
        """Return the place that a row of a list of countries means.

        None if nobody knows, or if name, ISO code and calling code disagree: it can still be bought by its name.
        """
        key, iso = normal(name), iso if iso in self.isos else ""
        known = self.places.get((key, server, code)) or self.places.get((key, 0, ""))
        fact = known or PlaceFact(PlaceKey(iso, ""), "")
        is_agreed = iso in {"", fact.place.iso, fact.claims} and _has_prefix(fact.place.iso, prefix)
        return fact.place if fact.place.iso and is_agreed else None

    def brands(self, name: str, server: int = 0) -> tuple[BrandKey, ...]:
        """Return the brands that a service's name stands for: one, or each of a bundle."""
        names = (name,) if self._known(name, server) else parts(name)
        return tuple(dict.fromkeys(self._brand(part, server) for part in names))

    def _brand(self, name: str, server: int) -> BrandKey:
        if known := self._known(name, server):
            return BrandKey(normal(known), known)
        key = normal(name)
        is_generic = key in self.apart or GENERIC.fullmatch(key) is not None
        return BrandKey(f"{server}:{key}" if is_generic else key, name, is_generic)

    def _known(self, name: str, server: int) -> str | None:
        key = normal(name)
        return self.names.get((key, server)) or self.names.get((key, 0))


@cache
def facts() -> Facts:
    """Return the facts that ship with the desk, read once."""
    return Facts.read()


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def _aliases(name: str, others: str) -> list[tuple[str, int]]:
    """Return the normal forms of a brand's names, each with the server it is for: "3:prom" is for server 3 alone."""
    found = [SCOPED.fullmatch(alias) for alias in (name, *others.split("|")) if alias]
    return [(normal(alias[2]), int(alias[1] or 0)) for alias in found if alias]


def _has_prefix(iso: str, prefix: str) -> bool:
    """Whether numbers of `iso` begin with `prefix`, as far as anybody knows."""
    codes = (int(prefix[:length]) for length in (1, 2, 3) if prefix[:length].isdecimal())
    regions = next((COUNTRY_CODE_TO_REGION_CODE[code] for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), ())
    return not regions or iso in regions


def suggestions(unjoined: list[tuple[str, str]], brands: list[tuple[str, str]]) -> list[Suggestion]:
    """Return, for each (reference, name), the (key, name) of brands that it may be. Nothing is ever joined by this."""
    spelled = {key: normal(name) for key, name in brands}
    worded = {key: " ".join(WORD.findall(name.casefold())) for key, name in brands}
    names, found = dict(brands), []
    for entry, name in unjoined:
        scores = sorted(_scores(name, spelled, worded).items(), key=lambda near: (-near[1], near[0]))
        found += [Suggestion(entry, name, key, names[key], score) for key, score in scores[:NEAREST]]
    return found


def _scores(name: str, spelled: dict[str, str], worded: dict[str, str]) -> dict[str, float]:
    key, words = normal(name), " ".join(WORD.findall(name.casefold()))
    wording = process.extract(words, worded, scorer=fuzz.token_set_ratio, score_cutoff=100, limit=None)
    spelling = process.extract(key, spelled, scorer=fuzz.ratio, score_cutoff=NEAR, limit=None)
    scores = {brand: ALL_WORDS_SCORE for _, _, brand in wording}
    scores |= {brand: max(score, scores.get(brand, 0)) for _, score, brand in spelling}
    return {brand: score for brand, score in scores.items() if _is_worth_asking(key, spelled[brand])}


def _is_worth_asking(key: str, other: str) -> bool:
    """Names that differ in digits alone are different services: "612" and "613", "Line" and "Line2"."""
    return key != "" and (key == other or DIGITS.sub("", key) != DIGITS.sub("", other))
