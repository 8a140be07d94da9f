"""The three servers' lists at real size, in their three dialects: made up, or grown from a folder of real ones."""

import csv
import json
import random
from pathlib import Path
from zlib import crc32

from catalog.matching.rules import FACTS

COUNTRIES = {1: 197, 2: 145, 3: 176}
SERVICES = {1: 535, 2: 1338, 3: 1000}  # on server 3, in each country
COMMON = ("US", "GB", "NL", "DE", "FR", "ID", "BR")  # on every server
CHANGED = 100  # in the second round, one row of so many is another
SYLLABLES = ("ba", "do", "fi", "ga", "ku", "le", "mo", "na", "po", "ri", "su", "ta", "ve", "zo")


class Lists:
    """What the servers answer, in the first round or in the second."""

    def __init__(self, folder: Path | None = None) -> None:
        chance = random.Random(1)
        self.countries = {server: _countries(server) for server in COUNTRIES}
        self.services = {server: _services(server, chance) for server in SERVICES}
        if folder:
            for server in COUNTRIES:
                self.countries[server] = _read(folder / f"server{server}_countries.json")
            for server in (1, 2):
                self.services[server] = _read(folder / f"server{server}_services.json")
            known = _read(folder / "server3_services_usa.json")
            self.services[3] = list(dict.fromkeys([*known, *self.services[3]]))[: SERVICES[3]]

    def answer(self, action: str, server: int, country: str, turn: int) -> str:
        if action == "getCountries":
            return json.dumps(self.countries[server])
        if server == 3:
            return json.dumps({code: self._price(country, code, turn) for code in self.services[3]})
        return json.dumps(_renamed(self.services[server], turn))

    def _price(self, country: str, code: str, turn: int) -> dict[str, object]:
        seed = crc32(f"{country} {code}".encode())
        moved = turn if seed % CHANGED == 0 else 1
        return {"Category": "activation", "Qty": seed % 999 * moved, "Price": seed % 300 / 100 + moved}


def _read(file: Path) -> object:
    return json.loads(file.read_text("utf-8"))


def _facts(name: str) -> list[dict[str, str]]:
    with (FACTS / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def _countries(server: int) -> object:
    named = {row["iso"]: row["name"] for row in _facts("places") if row["iso"] and not row["server"]}
    common_first = sorted(named.items(), key=lambda row: row[0] not in COMMON)
    rows = list(enumerate(common_first))[: COUNTRIES[server]]
    if server == 1:
        return [{"id": n, "eng": name, "visible": 1} for n, (_, name) in rows]
    if server == 2:
        return [{"ID": n, "name": name, "short_name": iso} for n, (iso, name) in rows]
    return {f"country{n}": {"iso": {iso.lower(): 1}, "prefix": {}, "text_en": name} for n, (iso, name) in rows}


def _services(server: int, chance: random.Random) -> object:
    """As many names that the facts know as there are, and made-up ones, each server's other ones."""
    names = dict.fromkeys(row["name"] for row in _facts("brands"))
    while len(names) < SERVICES[server]:
        names["".join(chance.choices(SYLLABLES, k=chance.randint(2, 5))).title()] = None
    rows = list(enumerate(list(names)[: SERVICES[server]]))
    if server == 1:
        return {"status": "success", "services": [{"code": f"s{n}", "name": name} for n, name in rows]}
    if server == 2:
        return [{"ID": n, "name": name, "favourite": 0} for n, name in rows]
    slugs = ["".join(sign for sign in name.lower() if sign.isascii() and sign.isalnum()) for _, name in rows]
    return list(dict.fromkeys([*filter(None, slugs), *(f"service{n}" for n in range(SERVICES[3]))]))[: SERVICES[3]]


def _renamed(services: object, turn: int) -> object:
    """The list with one name of a hundred changed, from the second round on."""
    if turn == 1:
        return services
    rows = services["services"] if isinstance(services, dict) else services
    changed = [row | {"name": f"{row['name']} new"} if n % CHANGED == 0 else row for n, row in enumerate(rows)]
    return services | {"services": changed} if isinstance(services, dict) else changed
