"""Decides which entries of the three servers mean the same country, and which the same brand.

The functions are pure and accept every text. Precision comes before recall, since a wrong match buys the wrong thing:
uncertain pairs stay unmatched, at most as a `Suggestion` for an administrator. The facts are the files in `facts/`.
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
KEY_LENGTH = 100  # longer names are cut, so names with the same beginning become equal
SPELLED_OUT = str.maketrans({"+": "plus", "&": "and"})  # "Disney+" is not "Disney"
GARBLED = "\ufffd\u201a"  # stand where the server garbled a letter; without them different names could become equal
GENERIC_NAME = re.compile(r"\d*|..?|(any)?other(services?)?\d*|.{100,}", re.DOTALL)
SPACED_SEPARATOR = re.compile(r"(?<!\s)\s+[/+|]\s+|/\s+|,")  # "Twitter / X", "ySense/ Noones", "Google,youtube"
TIGHT_SEPARATOR = re.compile(r"(?<=\w)[/+|](?=\w)")  # "Google/Gmail", "Instagram+Threads", but also "24/7"
MIN_PART_LENGTH = 3  # in a bundle without spaces: "AC/DC" is one name
COMPANY_SUFFIXES = {"inc", "llc", "ltd", "gmbh", "corp"}  # "Example, Inc." is one name
SCOPED_ALIAS = re.compile(r"(?:([123]):)?(.+)")
DIGITS = re.compile(r"\d+")
WORD = re.compile(r"\w+")
MIN_SCORE = 88.0  # of 100; less similar names are not suggested
MAX_PER_ENTRY = 3  # suggestions
ALL_WORDS_SCORE = 90.0  # one name has all words of the other, which is a weaker sign than a similar spelling


@dataclass(frozen=True, slots=True)
class PlaceKey:
    iso: str  # two capital letters
    variant: str  # "", or how this offer differs from others of its place: "virtual"


@dataclass(frozen=True, slots=True)
class BrandKey:
    """Entries with equal keys are one brand. A generic key contains the server, so it matches no other server."""

    key: str
    name: str  # the owner's spelling if the facts have it, else the server's
    is_generic: bool = False  # the name does not tell which service it is: "Other", "612", "GG"


@dataclass(frozen=True, slots=True)
class Suggestion:
    entry: str  # the caller's reference
    name: str
    brand: str  # key
    brand_name: str
    score: float  # 88 to 100


def normalize(name: str) -> str:
    """Return the name without case, accents, punctuation and spaces. Names with the same result are equal.

    A name of one character, or of punctuation only, keeps its punctuation: "x-" is not "X", and ":)" is not "".
    """
    folded = name
    for _ in range(2):  # folding the case of a composed letter can produce an accent
        folded = unicodedata.normalize("NFKD", folded).translate(SPELLED_OUT).casefold()
    key = "".join(char for char in folded if _is_significant(char))
    if len(key) <= 1:
        key = "".join(filter(str.isprintable, unicodedata.normalize("NFKC", name).casefold())).replace(" ", "")
    return unicodedata.normalize("NFKC", key)[:KEY_LENGTH]


def _is_significant(char: str) -> bool:
    is_vowel_sign = unicodedata.category(char)[0] == "M" and not unicodedata.combining(char)  # as in Hindi
    return char.isalnum() or is_vowel_sign or char in GARBLED


def split_bundle(name: str) -> tuple[str, ...]:
    """Return the names in a bundle ("Google,youtube,Gmail"), or the name itself if it is none ("24/7", "Canal+")."""
    found = [part.strip() for part in SPACED_SEPARATOR.split(name)]
    if not all(WORD.search(part) for part in found) or COMPANY_SUFFIXES & {normalize(part) for part in found}:
        return (name,)
    return tuple(piece for part in found for piece in _tight_parts(part))


def _tight_parts(name: str) -> tuple[str, ...]:
    pieces = tuple(TIGHT_SEPARATOR.split(name))
    is_number = normalize(name).isdecimal()
    return (name,) if is_number or any(len(normalize(piece)) < MIN_PART_LENGTH for piece in pieces) else pieces


@dataclass(frozen=True, slots=True)
class PlaceFact:
    place: PlaceKey
    claims: str  # a wrong ISO code that a server is known to use for it, or ""


@dataclass(frozen=True, slots=True)
class Facts:
    """The curated facts. Server 0 means all servers, and code "" means all codes."""

    places: dict[tuple[str, int, str], PlaceFact]  # by (normalized name, server, code)
    names: dict[tuple[str, int], str]  # brand by (normalized alias, server)
    apart: frozenset[str]  # normalized names that several companies share
    isos: frozenset[str]

    @classmethod
    def read(cls, folder: Path = FACTS) -> Facts:
        """Read the files. Raises if one is malformed, since they ship with the program."""
        places = {
            (normalize(row["name"]), int(row["server"] or 0), row["code"]): PlaceFact(
                PlaceKey(row["iso"], row["variant"]), row["claims"]
            )
            for row in _rows(folder / "places.csv")
        }
        apart = frozenset(normalize(row["name"]) for row in _rows(folder / "apart.csv"))
        names = {
            (key, server): row["name"]
            for row in _rows(folder / "brands.csv")
            for key, server in _aliases(row["name"], row["aliases"])
            if server or key not in apart
        }
        return cls(places, names, apart, frozenset(fact.place.iso for fact in places.values()))

    def place(self, name: str, iso: str = "", *, prefix: str = "", server: int = 0, code: str = "") -> PlaceKey | None:
        """Return the place that an entry of a country list means.

        None if it is unknown, or if name, ISO code and calling code contradict each other.
        """
        key, iso = normalize(name), iso if iso in self.isos else ""
        known = self.places.get((key, server, code)) or self.places.get((key, 0, ""))
        fact = known or PlaceFact(PlaceKey(iso, ""), "")
        is_agreed = iso in {"", fact.place.iso, fact.claims} and _has_prefix(fact.place.iso, prefix)
        return fact.place if fact.place.iso and is_agreed else None

    def brands(self, name: str, server: int = 0) -> tuple[BrandKey, ...]:
        """Return the brands that a service's name stands for: one, or each of a bundle."""
        names = (name,) if self._known_name(name, server) else split_bundle(name)
        return tuple(dict.fromkeys(self._brand(part, server) for part in names))

    def _brand(self, name: str, server: int) -> BrandKey:
        if known := self._known_name(name, server):
            return BrandKey(normalize(known), known)
        key = normalize(name)
        is_generic = key in self.apart or GENERIC_NAME.fullmatch(key) is not None
        return BrandKey(f"{server}:{key}" if is_generic else key, name, is_generic)

    def _known_name(self, name: str, server: int) -> str | None:
        key = normalize(name)
        return self.names.get((key, server)) or self.names.get((key, 0))


@cache
def facts() -> Facts:
    """Return the facts that ship with the desk. They are read once per process."""
    return Facts.read()


def _rows(file: Path) -> list[dict[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, strict=True))


def _aliases(name: str, others: str) -> list[tuple[str, int]]:
    """Return a brand's normalized names, each with its server: "3:prom" is for server 3 only."""
    found = [SCOPED_ALIAS.fullmatch(alias) for alias in (name, *others.split("|")) if alias]
    return [(normalize(alias[2]), int(alias[1] or 0)) for alias in found if alias]


def _has_prefix(iso: str, prefix: str) -> bool:
    """Whether numbers of `iso` begin with `prefix`. True if the prefix is unknown."""
    codes = (int(prefix[:length]) for length in (1, 2, 3) if prefix[:length].isdecimal())
    regions = next((COUNTRY_CODE_TO_REGION_CODE[code] for code in codes if code in COUNTRY_CODE_TO_REGION_CODE), ())
    return not regions or iso in regions


def suggestions(unmatched: list[tuple[str, str]], brands: list[tuple[str, str]]) -> list[Suggestion]:
    """Return the brands, given as (key, name), that each (reference, name) may be. Nothing is matched by this."""
    spelled = {key: normalize(name) for key, name in brands}
    worded = {key: " ".join(WORD.findall(name.casefold())) for key, name in brands}
    names, found = dict(brands), []
    for entry, name in unmatched:
        scores = sorted(_scores(name, spelled, worded).items(), key=lambda scored: (-scored[1], scored[0]))
        found += [Suggestion(entry, name, key, names[key], score) for key, score in scores[:MAX_PER_ENTRY]]
    return found


def _scores(name: str, spelled: dict[str, str], worded: dict[str, str]) -> dict[str, float]:
    key, words = normalize(name), " ".join(WORD.findall(name.casefold()))
    wording = process.extract(words, worded, scorer=fuzz.token_set_ratio, score_cutoff=100, limit=None)
    spelling = process.extract(key, spelled, scorer=fuzz.ratio, score_cutoff=MIN_SCORE, limit=None)
    scores = {brand: ALL_WORDS_SCORE for _, _, brand in wording}
    scores |= {brand: max(score, scores.get(brand, 0)) for _, score, brand in spelling}
    return {brand: score for brand, score in scores.items() if _is_worth_asking(key, spelled[brand])}


def _is_worth_asking(key: str, other: str) -> bool:
    """Names that differ in digits alone are different services: "612" and "613", "Line" and "Line2"."""
    return key != "" and (key == other or DIGITS.sub("", key) != DIGITS.sub("", other))
