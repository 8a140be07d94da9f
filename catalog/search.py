"""Searches brands and places by typed text, tolerating typing errors. Uses only our own database."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from rapidfuzz import fuzz, process

from catalog.matching.rules import facts, normalize
from catalog.models import Brand, Decision, Listing, Place
from provider import upstream

MAX_OPTIONS = 50
MAX_QUERY_LENGTH = 80  # characters; the rest is ignored
FOUND_SCORE, SUGGESTED_SCORE = 75, 50  # of 100: similarity from which a mistyped name is found, or suggested
MIN_FUZZY_LENGTH = 3  # letters
MAX_SUGGESTED = 3
MAX_PAIR_BRANDS, MAX_PAIR_PLACES = 8, 3
EXACT, PREFIX, INSIDE = range(3)


@dataclass(frozen=True, slots=True)
class Entry:
    """A brand or place that can be found, and the servers that have it."""

    key: str
    name: str
    servers: tuple[int, ...]
    iso: str = ""
    place: "Entry | None" = None  # of a pair that was typed together: «whatsapp usa»
    is_favourite: bool = False


Names = dict[str, list[Entry]]  # by every normalized name that may be typed


@dataclass(frozen=True, slots=True)
class Index:
    brands: Names
    places: Names


@dataclass(frozen=True, slots=True)
class Results:
    options: list[Entry]
    total: int
    near: list[str]  # suggested names if nothing is found
    exact: tuple[Entry, ...] = ()  # the entries with exactly this name


def index() -> Index:
    """Return the searchable names. They are read again only after a list or a decision changed."""
    decisions = Decision.objects.aggregate(Max("decided_at"), Count("pk"))
    return build_index(upstream.current(), Listing.last_change(), *decisions.values())


@lru_cache(maxsize=2)
def build_index(upstream_: str, _changed_at: datetime | None, _decided_at: datetime | None, _decisions: int) -> Index:
    """Read the index from the database. The unused arguments are the key of the cache."""
    listed_brands = {"services__upstream": upstream_, "services__retired_at": None}
    brands = (
        Brand.objects.filter(**listed_brands)
        .values_list("key", "name", "services__server", "services__name")
        .distinct()
    )
    listed_places = {"countries__upstream": upstream_, "countries__retired_at": None}
    places = Place.objects.filter(**listed_places).values_list(
        "key", "name", "countries__server", "countries__name", "iso"
    )
    aliases = facts()
    return Index(
        index_by_name(brands, [(normalize(brand), alias) for (alias, _), brand in aliases.names.items()]),
        index_by_name(places, [(fact.place.iso.lower(), name) for (name, _, _), fact in aliases.places.items()]),
    )


def index_by_name(rows: Iterable[tuple[Any, ...]], aliases: Iterable[tuple[str, str]]) -> Names:
    """Return the entries by each normalized name that they have on a server, in the facts or as ISO code."""
    servers: dict[Any, set[int]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for key, name, server, alias, *iso in rows:
        servers[key, name, *iso].add(server)
        names[key] |= {normalize(each) for each in (name, alias, *iso) if each}
    for key, alias in aliases:
        names[key].add(alias)
    found: Names = defaultdict(list)
    for (key, name, *iso), at in servers.items():
        for text in names[key]:
            found[text].append(Entry(key, name, tuple(sorted(at)), *iso))
    return dict(found)


def brands(text: str, preferred: Container[str] = ()) -> Results:
    """Find brands for the typed text. A place after the brand («whatsapp usa») gives pairs."""
    names = index()
    pairs = find_pairs(names, text)
    results = find(names.brands, text, preferred)
    if pairs and not any(normalize(option.name).startswith(normalize(text)) for option in results.options):
        return Results(pairs, len(pairs), [])
    return results


def places(text: str, preferred: Container[str] = (), sold: Mapping[str, set[int]] | None = None) -> Results:
    """Find places for the typed text. `sold` (servers by place) restricts them to where a brand is sold."""
    names = index().places
    if sold is not None:
        names = {name: [with_servers(entry, sold) for entry in at if entry.key in sold] for name, at in names.items()}
    return find(names, text, preferred)


def with_servers(entry: Entry, sold: Mapping[str, set[int]]) -> Entry:
    return replace(entry, servers=tuple(sorted(sold[entry.key])))


def find_pairs(names: Index, text: str) -> list[Entry]:
    """Find a brand and a place typed together, the place last. Tries every split of the words."""
    words = text.split()
    for cut in range(len(words) - 1, 0, -1):
        found_places = ranked(names.places, normalize(" ".join(words[cut:])), worst=PREFIX)[:MAX_PAIR_PLACES]
        found_brands = find(names.brands, " ".join(words[:cut])).options[:MAX_PAIR_BRANDS] if found_places else []
        if found_brands:
            return [replace(brand, place=place) for brand in found_brands for place in found_places]
    return []


def find(names: Names, text: str, preferred: Container[str] = ()) -> Results:
    """Return the entries whose names begin with `text`, then those that contain it, else similarly spelled ones."""
    query = normalize(text[:MAX_QUERY_LENGTH])
    found = ranked(names, query, preferred) or similar(names, query, FOUND_SCORE)
    near = [] if found else [entry.name for entry in similar(names, query, SUGGESTED_SCORE)[:MAX_SUGGESTED]]
    return Results(found[:MAX_OPTIONS], len(found), near, tuple(names.get(query, ())))


def ranked(names: Names, query: str, preferred: Container[str] = (), worst: int = INSIDE) -> list[Entry]:
    """Return the entries whose names match `query` with rank `worst` or better, the best first."""
    best: dict[Entry, int] = {}
    for name, entries in names.items():
        rank = EXACT if name == query else PREFIX if name.startswith(query) else INSIDE if query in name else worst + 1
        if rank <= worst:
            best |= {entry: min(rank, best.get(entry, rank)) for entry in entries}

    def order(entry: Entry) -> tuple[Any, ...]:
        return best[entry], entry.key not in preferred, -len(entry.servers), len(entry.name), entry.name.casefold()

    return sorted(best, key=order)


def similar(names: Names, query: str, score: int) -> list[Entry]:
    if len(query) < MIN_FUZZY_LENGTH:
        return []
    matches = process.extract(query, names.keys(), scorer=fuzz.ratio, score_cutoff=score, limit=MAX_OPTIONS)
    return list(dict.fromkeys(entry for name, _, _ in matches for entry in names[name]))
