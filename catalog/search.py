"""Finding brands and places by what people type: over our own database, forgiving a slip of the finger."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max
from rapidfuzz import fuzz, process

from catalog import upstream
from catalog.joining import facts, normal
from catalog.models import Brand, Decision, Listing, Place

SHOWN = 50
LONGEST = 80  # characters that are looked at
NEAR, FAR = 75, 50  # of 100: how alike a mistyped name must be, to be found and to be asked about
SHORTEST_FUZZY = 3  # letters
SUGGESTED = 3
BRANDS_PAIRED, PLACES_PAIRED = 8, 3
EXACT, PREFIX, INSIDE = range(3)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that can be found, and the servers that have it."""

    key: str
    name: str
    servers: tuple[int, ...]
    iso: str = ""
    place: "Entry | None" = None  # of a pair that was typed in one go: «whatsapp usa»
    is_favourite: bool = False


Names = dict[str, list[Entry]]  # by every normal name under which people may look


@dataclass(frozen=True, slots=True)
class Index:
    brands: Names
    places: Names


@dataclass(frozen=True, slots=True)
class Results:
    options: list[Entry]
    total: int
    near: list[str]  # names to offer where nothing matches
    exact: tuple[Entry, ...] = ()  # what is called just so


def index() -> Index:
    """The names that can be found now; read anew only when a list or a decision has changed."""
    decided = Decision.objects.aggregate(Max("decided_at"), Count("pk"))
    return read(upstream.current(), Listing.last_change(), *decided.values())


@lru_cache(maxsize=2)
def read(upstream_: str, _changed: datetime | None, _decided: datetime | None, _decisions: int) -> Index:
    listed = {"services__upstream": upstream_, "services__retired_at": None}
    brands = Brand.objects.filter(**listed).values_list("key", "name", "services__server", "services__name").distinct()
    shown = {"countries__upstream": upstream_, "countries__retired_at": None}
    places = Place.objects.filter(**shown).values_list("key", "name", "countries__server", "countries__name", "iso")
    known = facts()
    return Index(
        by_name(brands, [(normal(brand), alias) for (alias, _), brand in known.names.items()]),
        by_name(places, [(fact.place.iso.lower(), name) for (name, _, _), fact in known.places.items()]),
    )


def by_name(rows: Iterable[tuple[Any, ...]], aliases: Iterable[tuple[str, str]]) -> Names:
    """Entries by each normal name that any server, the facts or the ISO code give them."""
    servers: dict[Any, set[int]] = defaultdict(set)
    names: dict[str, set[str]] = defaultdict(set)
    for key, name, server, alias, *iso in rows:
        servers[key, name, *iso].add(server)
        names[key] |= {normal(each) for each in (name, alias, *iso) if each}
    for key, alias in aliases:
        names[key].add(alias)
    found: Names = defaultdict(list)
    for (key, name, *iso), at in servers.items():
        for text in names[key]:
            found[text].append(Entry(key, name, tuple(sorted(at)), *iso))
    return dict(found)


def brands(text: str, preferred: Container[str] = ()) -> Results:
    """Brands for what was typed; a place behind the brand («whatsapp usa») gives pairs."""
    known = index()
    pairs = typed_pairs(known, text)
    results = find(known.brands, text, preferred)
    if pairs and not any(normal(option.name).startswith(normal(text)) for option in results.options):
        return Results(pairs, len(pairs), [])
    return results


def places(text: str, preferred: Container[str] = (), sold: Mapping[str, set[int]] | None = None) -> Results:
    """Places for what was typed; of a brand that is `sold` in some alone, by place and server, only those."""
    names = index().places
    if sold is not None:
        names = {name: [on(entry, sold) for entry in at if entry.key in sold] for name, at in names.items()}
    return find(names, text, preferred)


def on(entry: Entry, sold: Mapping[str, set[int]]) -> Entry:
    return replace(entry, servers=tuple(sorted(sold[entry.key])))


def typed_pairs(known: Index, text: str) -> list[Entry]:
    """Brand and place typed in one go, the place last: every way to cut the words that gives both."""
    words = text.split()
    for cut in range(len(words) - 1, 0, -1):
        where = ranked(known.places, normal(" ".join(words[cut:])), worst=PREFIX)[:PLACES_PAIRED]
        what = find(known.brands, " ".join(words[:cut])).options[:BRANDS_PAIRED] if where else []
        if what:
            return [replace(brand, place=place) for brand in what for place in where]
    return []


def find(names: Names, text: str, preferred: Container[str] = ()) -> Results:
    """The entries whose names fit `text`: what begins with it, what contains it, else what is spelled alike."""
    query = normal(text[:LONGEST])
    found = ranked(names, query, preferred) or alike(names, query, NEAR)
    near = [] if found else [entry.name for entry in alike(names, query, FAR)[:SUGGESTED]]
    return Results(found[:SHOWN], len(found), near, tuple(names.get(query, ())))


def ranked(names: Names, query: str, preferred: Container[str] = (), worst: int = INSIDE) -> list[Entry]:
    best: dict[Entry, int] = {}
    for name, entries in names.items():
        rank = EXACT if name == query else PREFIX if name.startswith(query) else INSIDE if query in name else worst + 1
        if rank <= worst:
            best |= {entry: min(rank, best.get(entry, rank)) for entry in entries}

    def order(entry: Entry) -> tuple[Any, ...]:
        return best[entry], entry.key not in preferred, -len(entry.servers), len(entry.name), entry.name.casefold()

    return sorted(best, key=order)


def alike(names: Names, query: str, score: int) -> list[Entry]:
    if len(query) < SHORTEST_FUZZY:
        return []
    matches = process.extract(query, names.keys(), scorer=fuzz.ratio, score_cutoff=score, limit=SHOWN)
    return list(dict.fromkeys(entry for name, _, _ in matches for entry in names[name]))
