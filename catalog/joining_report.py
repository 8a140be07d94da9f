"""How well the lists of the three servers join: ``python -m catalog.joining_report FOLDER [--sample 100 --seed N]``.

FOLDER holds what the servers answered: ``serverN_countries.json`` and ``serverN_services*.json``. Nothing is sent.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections import defaultdict
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from catalog.joining import Suggestion, facts, suggestions
from legitsms.lists import parse_countries, parse_services

if TYPE_CHECKING:
    from collections.abc import Iterator

SERVERS = (1, 2, 3)
Joined = dict[str, dict[int, list[str]]]  # names by server, by what they mean


def places(folder: Path) -> tuple[Joined, list[str]]:
    """Return the places, and the countries that are none."""
    found: Joined = defaultdict(lambda: defaultdict(list))
    unknown = []
    for server in SERVERS:
        for row in parse_countries(server, (folder / f"server{server}_countries.json").read_text("utf-8")).rows:
            place = facts().place(row.name, row.iso, prefix=row.prefix, server=server, code=row.code)
            if place:
                found[f"{place.iso} {place.variant}".strip()][server].append(row.name)
            else:
                unknown.append(f"{server}: {row.name} ({row.iso or 'no ISO code'}, prefix {row.prefix or 'unknown'})")
    return found, unknown


def brands(folder: Path) -> tuple[Joined, dict[str, str]]:
    """Return the brands, and the display name of each."""
    found: Joined = defaultdict(lambda: defaultdict(list))
    shown: dict[str, str] = {}
    for server in SERVERS:
        for name in sorted(_service_names(folder, server)):
            for brand in facts().brands(name, server):
                found[brand.key][server].append(name)
                shown.setdefault(brand.key, brand.name)
    return found, shown


def _service_names(folder: Path, server: int) -> set[str]:
    files = folder.glob(f"server{server}_services*.json")
    return {row.name for file in files for row in parse_services(server, file.read_text("utf-8")).rows}


def suggested(found: Joined, shown: dict[str, str]) -> list[Suggestion]:
    """Return what the brands of one server alone may be on the others."""
    near = []
    for server in SERVERS:
        alone = [(key, shown[key]) for key, names in found.items() if set(names) == {server}]
        others = [(key, shown[key]) for key, names in found.items() if server not in names]
        near += suggestions(alone, others)
    return near


def joins(found: Joined, one: int, other: int) -> list[str]:
    """Return a line for each meaning that both servers have an entry for."""
    both = sorted(key for key, names in found.items() if one in names and other in names)
    return [f"{key}: {' | '.join(found[key][one])} = {' | '.join(found[key][other])}" for key in both]


def report(folder: Path, sample: int, chance: random.Random) -> Iterator[str]:
    where, unknown = places(folder)
    what, shown = brands(folder)
    near = suggested(what, shown)
    for title, found in (("places", where), ("brands", what)):
        pairs = {pair: joins(found, *pair) for pair in combinations(SERVERS, 2)}
        counts = ", ".join(f"{len(lines)} on {one} and {other}" for (one, other), lines in pairs.items())
        yield f"{title}: {counts}; {sum(len(names) == 1 for names in found.values())} on one server alone"
        for (one, other), lines in pairs.items():
            for line in sorted(chance.sample(lines, min(sample, len(lines)))):
                yield f"  {one}={other}  {line}"
    yield f"countries that are no known place: {len(unknown)}"
    yield from (f"  {line}" for line in unknown)
    yield f"suggestions: {len(near)}"
    if sample:
        yield from (f"  {each.score:.0f}  {each.name} ≈ {each.brand_name}" for each in near)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m catalog.joining_report", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--sample", type=int, default=0, help="print this many joins of each pair of servers")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    chance = random.Random(given.seed)  # noqa: S311 - a sample, not a secret
    sys.stdout.writelines(f"{line}\n" for line in report(given.folder, given.sample, chance))


if __name__ == "__main__":
    main()
