"""kill -9 at every named point, and while LegitSMS is answering; after each, its books are laid beside ours."""

import signal
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from statistics import median

import requests

from legitsms.sandbox.lists import COUNTRIES
from tests.stack.crew import Crew
from tests.stack.desk import Member, eventually
from tests.storm.books import rows_of, settled
from tests.storm.ground import ground

CYCLES = 160
SURE, UNKNOWN, TOLD = {"waiting"}, {"buying", "unclear"}, {"received"}
# Where a process dies, and what may then be known of the order, for good
ENDS = {
    "after_intent_commit": SURE,
    "before_claim": SURE,
    "after_claim": UNKNOWN,
    "after_reply_before_journal": UNKNOWN,
    "after_journal": SURE,
    "before_commit": SURE,
    "code_before_journal": TOLD,
    "code_after_journal": TOLD,
    "code_before_commit": TOLD,
    "while_legitsms_answers": UNKNOWN,
}
OFFERS = [(service, country) for service in ("sbnever", "sbearly") for country in COUNTRIES[1]]


@dataclass
class Cycle:
    """One kill, and the one order that it concerns."""

    crew: Crew
    member: Member
    point: str
    service: str
    country: str

    def run(self) -> None:
        if self.point == "while_legitsms_answers":
            self.kill_while_answering()
        else:
            self.kill_at_point()
        eventually(lambda: self.status in ENDS[self.point], within=30)
        settled(self.crew)
        assert self.status in ENDS[self.point], f"{self.point}: {self.status}"

    def kill_at_point(self) -> None:
        from tests.storm.settings import FAIL_AT

        if self.point.startswith("code_"):
            self.buy()
            order = eventually(lambda: self.order.activation_id)
            FAIL_AT.lay(self.point)
            self.crew.sandbox.deliver(order)
        else:
            FAIL_AT.lay(self.point)
            self.buy()
        eventually(lambda: not FAIL_AT.is_laid(self.point))

    def kill_while_answering(self) -> None:
        self.crew.sandbox.fault("getNumber", "delay", seconds=15)
        before = len(self.crew.sandbox.ledger(polls=False)["orders"])
        self.buy()
        eventually(lambda: len(self.crew.sandbox.ledger(polls=False)["orders"]) > before)
        self.crew.send("purchasing", signal.SIGKILL)

    def buy(self) -> None:
        eventually(self.crew.is_ready, within=30)
        with suppress(requests.ConnectionError):  # it may be the web that dies
            self.member.buy(self.service, country=self.country)

    @property
    def order(self):
        return rows_of("Order").filter(service=self.service, country=self.country).latest("pk")

    @property
    def status(self) -> str:
        return self.order.status


def main(cycles: int = CYCLES) -> str:
    with ground("kills") as crew:
        member, points, took = crew.member("ana"), list(ENDS), []
        for number in range(cycles):
            began = time.monotonic()
            Cycle(crew, member, points[number % len(points)], *OFFERS[number % len(OFFERS)]).run()
            took.append(time.monotonic() - began)
            if (number + 1) % len(points) == 0:
                print(f"{number + 1} of {cycles} kills; {settled(crew)}", flush=True)
        return f"{cycles} kills, each {median(took):.1f} s (median); {finish(crew, cycles)}"


def finish(crew: Crew, cycles: int) -> str:
    """A minute later nothing is under way any more, and exactly the orders of which nobody can know are unclear."""
    points = [list(ENDS)[number % len(ENDS)] for number in range(cycles)]
    doubtful = sum(ENDS[point] is UNKNOWN for point in points)
    eventually(lambda: rows_of("Order").filter(status="unclear").count() == doubtful, within=90)
    died = Counter(path.name.partition(".")[0] for path in (crew.folder / "data" / "mines").glob("*.sprung"))
    assert died == Counter(point for point in points if point != "while_legitsms_answers"), died
    return settled(crew)


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
