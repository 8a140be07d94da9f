"""Prints how well the servers' lists match: ``python -m catalog.matching.report FOLDER [--sample 100 --seed N]``.

FOLDER contains the servers' responses: ``serverN_countries.json`` and ``serverN_services*.json``. No request is sent.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.matching.rules import Suggestion, facts, suggestions
from legitsms.lists import parse_countries, parse_services

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = (1, 2, 3)
Matches = dict[str, dict[int, list[str]]]  # the names on each server, by the place or brand that they mean


def places(folder: Path) -> tuple[Matches, list[str]]:
    """Return the places, and the countries that match no place."""
    found: Matches = defaultdict(lambda: defaultdict(list))
    unknown = []
    for server in SERVERS:
        for row in parse_countries(server, (folder / f"server{server}_countries.json").read_text("utf-8")).rows:
            place = facts().place(row.name, row.iso, prefix=row.prefix, server=server, code=row.code)
            if place:
                found[f"{place.iso} {place.variant}".strip()][server].append(row.name)
            else:
                unknown.append(f"{server}: {row.name} ({row.iso or 'no ISO code'}, prefix {row.prefix or 'unknown'})")
    return found, unknown


def brands(folder: Path) -> tuple[Matches, dict[str, str]]:
    """Return the brands, and the display name of each."""
    found: Matches = defaultdict(lambda: defaultdict(list))
    display_names: dict[str, str] = {}
    for server in SERVERS:
        for name in sorted(_service_names(folder, server)):
            for brand in facts().brands(name, server):
                found[brand.key][server].append(name)
                display_names.setdefault(brand.key, brand.name)
    return found, display_names


def _service_names(folder: Path, server: int) -> set[str]:
    files = folder.glob(f"server{server}_services*.json")
    return {row.name for file in files for row in parse_services(server, file.read_text("utf-8")).rows}


def suggest(found: Matches, display_names: dict[str, str]) -> list[Suggestion]:
    """Return, for the brands that only one server has, the brands of other servers that they may be."""
    suggested = []
    for server in SERVERS:
        unmatched = [(key, display_names[key]) for key, names in found.items() if set(names) == {server}]
        others = [(key, display_names[key]) for key, names in found.items() if server not in names]
        suggested += suggestions(unmatched, others)
    return suggested


def common(found: Matches, one: int, other: int) -> list[str]:
    """Return a line for each place or brand that both servers have."""
    both = sorted(key for key, names in found.items() if one in names and other in names)
    return [f"{key}: {' | '.join(found[key][one])} = {' | '.join(found[key][other])}" for key in both]


def report(folder: Path, sample: int, rng: random.Random) -> Iterator[str]:
    found_places, unknown = places(folder)
    found_brands, display_names = brands(folder)
    suggested = suggest(found_brands, display_names)
    for title, found in (("places", found_places), ("brands", found_brands)):
        pairs = {pair: common(found, *pair) for pair in combinations(SERVERS, 2)}
        counts = ", ".join(f"{len(lines)} on {one} and {other}" for (one, other), lines in pairs.items())
        yield f"{title}: {counts}; {sum(len(names) == 1 for names in found.values())} on one server alone"
        for (one, other), lines in pairs.items():
            for line in sorted(rng.sample(lines, min(sample, len(lines)))):
                yield f"  {one}={other}  {line}"
    yield f"countries that are no known place: {len(unknown)}"
    yield from (f"  {line}" for line in unknown)
    yield f"suggestions: {len(suggested)}"
    if sample:
        yield from (f"  {each.score:.0f}  {each.name} ≈ {each.brand_name}" for each in suggested)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m catalog.matching.report", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="print this many joins of each pair of servers")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    rng = random.Random(options.seed)  # noqa: S311 - a sample, not a secret
    sys.stdout.writelines(f"{line}\n" for line in report(options.folder, options.sample, rng))


if __name__ == "__main__":
    main()
