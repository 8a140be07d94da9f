"""Renders getCountries and getServices in the JSON formats of the three servers."""

import json
from collections import Counter
from typing import Any

from legitsms.sandbox.lists import COUNTRIES, SERVICES, Country, price, stock


def countries(server: int) -> str:
    render = {1: _countries_1, 2: _countries_2, 3: _countries_3}[server]
    return _json(render(list(COUNTRIES[server].values())))


def _countries_1(rows: list[Country]) -> Any:
    return [{"id": int(c.code), "rus": c.rus, "eng": c.name, "chn": c.chn, "visible": 1} for c in rows]


def _countries_2(rows: list[Country]) -> Any:
    return [
        {"ID": int(c.code), "name": c.name, "short_name": c.short_name, "cc": c.prefix, "region": c.region}
        for c in rows
    ]


def _countries_3(rows: list[Country]) -> Any:
    return {
        c.code: {"iso": {c.iso: 1}, "prefix": {f"+{c.prefix}": 1}, "text_en": c.name, "text_ru": c.rus} for c in rows
    }


def services_1() -> str:
    return _json({"status": "success", "services": [{"code": s.code, "name": s.name} for s in SERVICES[1].values()]})


def services_2() -> str:
    return _json([{"ID": int(s.code), "name": s.name, "favourite": 0} for s in SERVICES[2].values()])


SERVICES_WITHOUT_COUNTRY = {1: services_1, 2: services_2}


def services_3(country: Country, in_use: Counter[str]) -> str:
    """Render the services of server 3 in a country; `in_use` counts the numbers taken from the stock, by service."""
    return _json(
        {
            service.code: {
                "Category": "activation",
                "Qty": max(0, stock(country, service) - in_use[service.code]),
                "Price": float(price(3, country, service)),
            }
            for service in SERVICES[3].values()
        }
    )


def _json(content: Any) -> str:
    return json.dumps(content, ensure_ascii=False)
