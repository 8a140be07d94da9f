"""`python -m tests.soak MINUTES [SEED]`: the whole desk twice over, under work, with something breaking all the time.

When it is over nothing may be lost, doubled or stuck, and the API key may be nowhere. Needs PostgreSQL (DATABASE_URL).
"""

import random
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from itertools import chain

from django.db import Error, connection

from tests.soak import keyhunt, pages
from tests.soak.crowd import Crowd
from tests.soak.trouble import Trouble
from tests.stack.crew import Crew
from tests.stack.desk import eventually
from tests.storm.books import patiently_compared, rows_of, stuck
from tests.storm.ground import prepared

PROCESSES = (
    *("broker", "polling", "polling-2", "purchasing", "purchasing-2", "catalog", "catalog-2"),
    *("beat", "beat-2", "web", "web-2"),
)
MEMBERS = ["ana", "ben", "ana", "ben"]
OPEN = 300  # numbers that wait for a code
SPEED = 4  # the two minutes last half a minute, a number lives five
HEALING = 240  # seconds
TELL_EVERY = 30  # seconds


def main(minutes: float, seed: int) -> int:
    print(f"seed {seed}, {minutes:g} minutes, {OPEN} open orders", flush=True)
    luck = random.Random(seed)
    key = {"LEGITSMS_API_KEY": keyhunt.CANARY}
    with prepared("soak", names=PROCESSES, speed=SPEED, **key) as crew:
        crew.environment["LEGITSMS_URL"] = crew.sandbox.url
        crew.start()
        crew.make_members()
        crowd, trouble = Crowd(crew, MEMBERS, OPEN, luck), Trouble(crew, luck)
        began = time.monotonic()
        crowd.start()
        eventually(lambda: len(crowd.waiting()) > OPEN * 0.8, within=300)
        print(f"{len(crowd.waiting())} open orders after {time.monotonic() - began:.0f} s; now it begins", flush=True)
        trouble.start()
        stored = watch(crew, crowd, trouble, minutes)
        trouble.stop()
        crowd.stop()
        problems = [*heal(crew, stored), *hunt(crew)]
    tell(crowd, trouble, crew)
    verdict = "Nothing lost, nothing doubled, nothing stuck, the key nowhere."
    print("\n".join(problems) or verdict, flush=True)
    return 1 if problems else 0


def watch(crew: Crew, crowd: Crowd, trouble: Trouble, minutes: float) -> set[tuple[int, str]]:
    """Tell how it goes until the time is over. Returns the codes that were stored meanwhile."""
    ends, stored = time.monotonic() + minutes * 60, set()
    while (left := ends - time.monotonic()) > 0:
        time.sleep(min(TELL_EVERY, left))
        bought = len(crew.sandbox.ledger(polls=False)["orders"])
        open_now, faults = len(crowd.waiting()), trouble.done.total()
        print(f"{max(0, left - TELL_EVERY):4.0f} s left: {bought} bought, {open_now} open, {faults} faults", flush=True)
        with suppress(Error):  # the database may be away just now
            stored |= codes()
    return stored


def heal(crew: Crew, stored: set[tuple[int, str]]) -> list[str]:
    """Wait until all that can move has moved, then compare LegitSMS's books with ours. Returns what is wrong.

    `stored` are the codes that were stored before, and must be still.
    """
    began = time.monotonic()
    connection.close()  # it may have been cut
    while (idle := stuck(crew.sandbox.ledger(polls=False))) and time.monotonic() < began + HEALING:
        time.sleep(2)
    books = patiently_compared(crew)
    print(f"healed in {time.monotonic() - began:.0f} s; {books.told()}  stuck {len(idle)}", flush=True)
    problems = [*books.faults, *idle, *(f"{code} is no longer stored" for code in stored - codes())]
    print("\n".join([*problems, *books.unread]), flush=True)
    return problems


def codes() -> set[tuple[int, str]]:
    """Each code that is stored, with its order."""
    connection.close()  # it may have been cut
    return set(rows_of("Code").values_list("order", "text"))


def hunt(crew: Crew) -> list[str]:
    """Look for the API key wherever something was written or shown."""
    places: Counter[str] = Counter()  # and their bytes
    found = keyhunt.hits(counted(everywhere(crew), places), keyhunt.CANARY)
    print(f"looked for the key in {len(places)} places, {places.total() / 2**20:.1f} MiB", flush=True)
    if not keyhunt.can_find(crew.logs / "web.log", crew.folder / "planted", keyhunt.CANARY):
        found.append("the search for the key does not find a key that was planted")
    missed = [path for path in pages.ADMINISTRATION if f"page 200 {path}" not in places]
    return found + [f"the search for the key did not come to {path}" for path in missed]


def counted(places: Iterator[tuple[str, bytes]], sizes: Counter[str]) -> Iterator[tuple[str, bytes]]:
    for place, content in places:
        sizes[place] += len(content)
        yield place, content


def everywhere(crew: Crew) -> Iterator[tuple[str, bytes]]:
    return chain(
        chain.from_iterable(pages.walk(crew.member(name)) for name in ("admin", "ana")),
        keyhunt.database(crew.environment["DATABASE_URL"]),
        keyhunt.broker(crew.broker()),
        keyhunt.command_lines(),
        keyhunt.files(crew.folder),
    )


def tell(crowd: Crowd, trouble: Trouble, crew: Crew) -> None:
    print("faults:", ", ".join(f"{kind} {times}" for kind, times in sorted(trouble.done.items())))
    print("answers of the web:", dict(crowd.answers))
    ended = {f"{name} {code}": times for (name, code), times in sorted(crew.exits.items()) if code != -9}
    print("processes that ended otherwise than by kill -9:", ended or "none", flush=True)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10**6)))
