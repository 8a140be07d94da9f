"""The countries and services that the sandbox sells, with their codes on each of the three servers.

Read from countries.csv and services.csv. An empty cell means that the server does not list the row.
"""

import csv
import re
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from zlib import crc32

from legitsms.sandbox.scenarios import SCENARIOS, Scenario

SERVERS = (1, 2, 3)
PRICED = 3  # the only server that publishes price and stock
SCENARIO_STOCK = 9999  # enough for a load test in one country
PRICE_FACTOR = {1: Decimal("0.5"), 2: Decimal(2), 3: Decimal(1)}


@dataclass(frozen=True, slots=True)
class Country:
    code: str  # what getNumber takes
    name: str
    iso: str
    prefix: str  # digits
    rus: str
    chn: str
    short_name: str  # server 2 only, and UK where ISO says GB
    region: str  # server 2 only
    numbers: tuple[str, ...]  # patterns of phone numbers; each # is a random digit


@dataclass(frozen=True, slots=True)
class Service:
    code: str  # what getNumber takes
    name: str
    scenario: Scenario | None = None  # None: an ordinary service


def price(server: int, country: Country, service: Service) -> Decimal:
    """Return the price in dollars. It depends on the arguments alone."""
    if service.scenario:
        return Decimal("0.20")
    cents = 10 + _hash("price", country, service) % 24 * 10
    return (PRICE_FACTOR[server] * cents / 100).quantize(Decimal("0.01"))


def stock(country: Country, service: Service) -> int:
    """Return the stock before the first purchase."""
    return SCENARIO_STOCK if service.scenario else _hash("stock", country, service) % 600


def _hash(purpose: str, country: Country, service: Service) -> int:
    return crc32(f"{purpose}/{country.code}/{service.code}".encode())


def _rows(name: str) -> list[dict[str, str]]:
    with Path(__file__).with_name(name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _countries(server: int) -> dict[str, Country]:
    return {
        row[f"s{server}"]: Country(
            code=row[f"s{server}"],
            name=row[f"s{server}_name"],
            iso=row["iso"],
            prefix=row["prefix"],
            rus=row["rus"],
            chn=row["chn"],
            short_name=row["s2_short"],
            region=row["s2_region"],
            numbers=tuple(row["numbers"].split()),
        )
        for row in _rows("countries.csv")
        if row[f"s{server}"]
    }


def _services(server: int) -> dict[str, Service]:
    scripted = [
        Service(_scenario_code(server, place, scenario), scenario.name, scenario)
        for place, scenario in enumerate(SCENARIOS, start=1)
    ]
    code, name = f"s{server}", f"s{server}_name"  # server 3 has keys and no names
    real = [Service(row[code], row.get(name, row[code])) for row in _rows("services.csv") if row[code]]
    return {service.code: service for service in scripted + real}


def _scenario_code(server: int, place: int, scenario: Scenario) -> str:
    in_words = re.sub(r"\W+", "_", scenario.name.lower())  # server 3 lists keys only, so the key has to describe it
    return {1: f"sb{scenario.key}", 2: str(9000 + place), 3: in_words}[server]


COUNTRIES = {server: _countries(server) for server in SERVERS}
SERVICES = {server: _services(server) for server in SERVERS}
