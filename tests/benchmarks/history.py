"""`python -m tests.benchmarks.history [ORDERS]`: what history, statistics and the file of everything cost.

A past of 100,000 orders with codes and events, in a fresh database of DATABASE_URL, else SQLite.
"""

import gc
import os
import resource
import statistics
import sys
import threading
import time
from pathlib import Path
from typing import Self

GOAL = "goals: page and search p99 <= 100 ms, memory for the file <= 50 MB"
ORDERS, DAYS = 100_000, 365
ROUNDS = 15
CLOCKS = (("time", time.perf_counter), ("CPU", time.process_time))
VIEWS = (
    ("first page", ("", "?period=all", "?period=30", "?period=last-month")),
    ("filters", ("?period=all&result=unclear", "?period=all&server=2&result=refused", "?period=all&service=nothing",
                 "?period=all&country=brazil&service=ebay", "?period=all&before=50000", "?period=all&before=99")),
)  # fmt: skip


def searches() -> list[str]:
    """Numbers in several formats, parts of them, names, notes, ids, several words, and what is nowhere."""
    from tests.benchmarks.past import COUNTRIES, MEMBERS, SERVICES

    texts = [f"+{prefix[:2]} {prefix[2:]} 12345" for _, _, prefix in COUNTRIES] + ["12345", "99", "07911 112345"]
    texts += [*SERVICES, *MEMBERS, "ticket 47", "campaign autumn", "5000700", "whatsapp brazil hugo", "Ünal", "zzqq"]
    return [f"?period=all&find={text.replace('+', '%2B')}" for text in texts]


def told(title: str, browser, addresses, rounds: int = ROUNDS, **headers) -> None:
    browser.get(addresses[0], **headers)
    for name, clock in CLOCKS:
        took = []
        for address in [*addresses] * rounds:
            began = clock()
            assert browser.get(address, **headers).status_code == 200
            took.append((1000 * (clock() - began), address))
        times = [time for time, _ in took]
        half, late, (most, slowest) = statistics.median(times), statistics.quantiles(times, n=100)[98], max(took)
        print(f"{title}, {name} of {len(took)}: p50 {half:.1f} ms, p99 {late:.1f} ms, {most:.1f} ms for {slowest!r}")


def queries(browser, address: str, **headers) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        browser.get(address, **headers)
    print(f"{address}: {len(asked)} queries")


class Peak:
    """The memory of this process, looked at all the while: the most that it grew, in MB."""

    def __init__(self) -> None:
        self.before = self.most = resident()
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self._look, daemon=True)

    def _look(self) -> None:
        while not self.is_over.wait(0.02):
            self.most = max(self.most, resident())

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.is_over.set()
        self.thread.join()

    @property
    def grown(self) -> float:
        return self.most - self.before


def resident() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def file(browser, address: str) -> None:
    began, cpu, size, lines = time.perf_counter(), time.process_time(), 0, 0
    with Peak() as memory:
        for line in browser.post(address).streaming_content:
            size, lines = size + len(line), lines + 1
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    what = f"{lines - 1} orders, {size / 2**20:.1f} MB in {took:.1f} s, {cpu:.1f} s of CPU"
    print(f"the file: {what}; memory grew by {memory.grown:.1f} MB")


def main(orders: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection
    from django.test import Client
    from django.urls import reverse

    from orders.models import Order
    from team.models import User
    from tests.benchmarks.past import make_past

    call_command("migrate", verbosity=0)
    began = time.perf_counter()
    if not Order.objects.exists():  # a database that was made before may be measured again
        make_past(orders, DAYS)
    print(f"{connection.vendor}: {orders} orders, made in {time.perf_counter() - began:.0f} s; {GOAL}")
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.get(username="ana"))
    history, sums, export = (reverse(f"orders:{name}") for name in ("history", "statistics", "history_export"))
    browser.get(history)
    gc.collect()
    gc.freeze()  # as the web process does
    as_htmx = {"headers": {"HX-Request": "true"}}
    for title, asked in VIEWS:
        told(f"history, {title}", browser, [history + query for query in asked])
    told("search", browser, [history + query for query in searches()], 4, **as_htmx)
    told("statistics, 30 days", browser, [sums])
    told("statistics, all time", browser, [f"{sums}?period=all"], 5)
    for address in (history, f"{history}?period=all&find=12345", f"{sums}?period=all"):
        queries(browser, address)
    file(browser, f"{export}?period=all")


if __name__ == "__main__":
    main(int(sys.argv[1]) if sys.argv[1:] else ORDERS)
