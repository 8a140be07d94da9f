"""`python -m tests.benchmarks.catalog [FOLDER]`: what reading the three servers' lists and searching them costs.

A server of its own speaks the three dialects at real size; the real client reads it into a fresh database (of
DATABASE_URL, else SQLite). FOLDER holds real lists: `serverN_countries.json`, `serverN_services*.json`.
"""

import os
import random
import resource
import statistics
import sys
import time
from pathlib import Path

from tests.benchmarks.server import running

GOAL = "goals: 60 s of CPU and 200 MB for a refresh, 50 ms for a search"
SEARCHES = 400
NOT_ROWS = ("catalog_listing", "catalog_suggestion")  # our own notes about the lists
HOSTILE = ["x" * 300, "a " * 50, "\u202eppastahw", "%_\\'; --", "zzqqxxjj", "whatzzz", "ウクライナ", ""]


class Written:
    """Counts the rows that a run inserts, updates and deletes, by table."""

    def __init__(self) -> None:
        self.rows = {}

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        words = sql.split('"')
        if words[0].strip() in {"INSERT INTO", "INSERT OR IGNORE INTO", "UPDATE", "DELETE FROM"}:
            self.rows[words[1]] = self.rows.get(words[1], 0) + context["cursor"].rowcount
        return result

    def __str__(self) -> str:
        rows = sum(count for table, count in self.rows.items() if table not in NOT_ROWS)
        detail = ", ".join(f"{table.removeprefix('catalog_')} {count}" for table, count in self.rows.items() if count)
        return f"{rows} rows written ({detail})"


def refresh(title, asked) -> None:
    from django.core.management import call_command
    from django.db import connection

    written, sent, began, cpu = Written(), asked.value, time.perf_counter(), time.process_time()
    with Path(os.devnull).open("w") as nowhere, connection.execute_wrapper(written):
        call_command("refresh_catalog", countries=True, stdout=nowhere)
    wall, cpu = time.perf_counter() - began, time.process_time() - cpu
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{title}: {wall:.1f} s, {cpu:.1f} s of CPU, peak {peak:.0f} MB, {asked.value - sent} requests; {written}")


def queries() -> list[str]:
    """What people type: beginnings, middles, slips of the finger, brand and place in one go, and nonsense."""
    from catalog.models import Brand, Place

    chance = random.Random(2)
    brands, places = (list(model.objects.values_list("name", flat=True)) for model in (Brand, Place))
    typed = list(HOSTILE)
    while len(typed) < SEARCHES:
        name, place = chance.choice(brands), chance.choice(places)
        slip = chance.randrange(len(name))
        typed += [
            name[:3],
            name[1:5],
            name[:slip] + name[slip + 1 :],
            f"{name} {place}",
            f"{name[:5]} {place[:4]}",
            name,
        ]
    return typed[:SEARCHES]


def timed(browser, url, clock=time.perf_counter, **given) -> float:
    """Milliseconds by `clock`."""
    began = clock()
    assert browser.get(url, given).status_code == 200
    return 1000 * (clock() - began)


def suggest() -> None:
    """What a list with other names costs besides: it is looked for likenesses anew."""
    from catalog.matching import matches

    cpu = time.process_time()
    matches.suggest("sandbox")
    print(f"looking for suggestions: {time.process_time() - cpu:.2f} s of CPU")


def search(browser) -> None:
    from django.urls import reverse

    from catalog import search

    url, typed = reverse("catalog:search_services"), queries()
    timed(browser, url, q="a")  # what Django itself loads at its first request is not the search
    search.build_index.cache_clear()
    cold = timed(browser, url, q="whatsapp usa")
    for name, field in (("services", "service_text"), ("places", "country_text")):
        for title, clock in (("time", time.perf_counter), ("CPU", time.process_time)):
            took = [timed(browser, reverse(f"catalog:search_{name}"), clock, **{field: text}) for text in typed]
            late, slowest = statistics.quantiles(took, n=100)[98], typed[took.index(max(took))][:20]
            figures = (
                f"p50 {statistics.median(took):.1f} ms, p99 {late:.1f} ms, slowest {max(took):.1f} ms for {slowest!r}"
            )
            print(f"search of {name}, {title} of {len(took)}: {figures}")
    print(f"first search after a change of the lists: {cold:.0f} ms")


def page(browser) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    given = {"service": "whatsapp", "country": "us"}
    timed(browser, reverse("orders:buy"), **given)
    with CaptureQueriesContext(connection) as asked:
        took = timed(browser, reverse("orders:buy"), **given)
    print(f"the page of one service in one country: {len(asked)} queries, {took:.1f} ms")


def main(folder: Path | None) -> None:
    with running(folder) as (url, turn, asked):
        os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
        os.environ["SANDBOX_URL"] = url
        import django

        django.setup()
        from django.core.management import call_command
        from django.test import Client
        from django.test.utils import setup_test_environment

        from tests.factories import make_user

        setup_test_environment()
        call_command("migrate", verbosity=0)
        print(GOAL)
        refresh("first refresh", asked)
        refresh("the same lists again", asked)
        turn.value = 2
        refresh("with 1 % of the rows changed", asked)
        browser = Client()
        browser.force_login(make_user())
        suggest()
        search(browser)
        page(browser)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
