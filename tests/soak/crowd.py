"""Members at work: they keep some hundred numbers open, cancel some, finish others, and buy new ones over the web."""

import random
import re
import time
from collections import Counter
from contextlib import suppress
from threading import Event, Thread

import requests

from legitsms.sandbox.lists import COUNTRIES
from tests.stack.crew import Crew
from tests.stack.desk import Member

PAUSE = 0.2  # seconds between two deeds of one member
LARGEST_QUANTITY = 10
BUYING_TAKES = 20  # seconds
CODE_CHANCE = 0.06  # a second, for each deed of the crowd
SERVICES = ["sbnever"] * 12 + [
    "sbcode",
    "sbcode",
    "sbtwo",
    "sbcancel",
    "sbslow",
    "sblost",
    "sbdrop",
    "sbsql",
    "sbstock",
]
CARD = re.compile(r'id="order-(\d+)"[^>]*data-state="([a-z-]+)"')
DONE = {
    "waiting": "cancel",
    "received": "finish",
    "cancel-planned": "undo-cancel",
    "finished": "hide",
    "cancelled": "hide",
}


class Crowd:
    """Each member works in a thread of their own, on one of the web processes, until told to stop."""

    def __init__(self, crew: Crew, names: list[str], wanted: int, luck: random.Random) -> None:
        self.crew, self.wanted, self.luck = crew, wanted, luck
        self.answers: Counter[str] = Counter()
        self.asked: list[tuple[float, int]] = []  # when, and how many
        self._over = Event()
        webs = list(crew.ports)
        self.members = [crew.member(name, crew.address(webs[number % len(webs)])) for number, name in enumerate(names)]
        # Nobody buys what another one bought a moment ago: that would be asked about first
        self.countries = {
            member: list(COUNTRIES[1])[names.index(name) :: len(names)]
            for member, name in zip(self.members, names, strict=True)
        }
        self._threads = [Thread(target=self._work, args=(member,), daemon=True) for member in self.members]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _work(self, member: Member) -> None:
        while not self._over.wait(PAUSE):
            try:
                answer = self._deed(member)
                self.answers[str(answer.status_code)] += 1
            except requests.RequestException as fault:
                self.answers[type(fault).__name__] += 1

    def _deed(self, member: Member) -> requests.Response:
        """Buy where numbers are missing; else look at the board and do something with one of its cards."""
        waiting = self.waiting()
        missing = self.wanted - len(waiting) - self.under_way()
        if waiting and self.luck.random() < CODE_CHANCE:
            with suppress(ValueError):
                self.crew.sandbox.deliver(self.luck.choice(waiting))
        if missing > 0:
            self.asked.append((time.monotonic(), min(LARGEST_QUANTITY, missing)))
            country = self.luck.choice(self.countries[member])
            return member.buy(self.luck.choice(SERVICES), quantity=self.asked[-1][1], country=country)
        if self.luck.random() < 0.8:
            time.sleep(PAUSE)  # somebody who only looks
            return member.get("/banner/")
        board = member.get("/")
        if cards := [card for card in CARD.findall(board.text) if card[1] in DONE]:
            pk, state = self.luck.choice(cards)
            return member.post(f"/orders/{pk}/{DONE[state]}/")
        return board

    def under_way(self) -> int:
        """Numbers that were asked for so lately that they may still be on their way."""
        lately = time.monotonic() - BUYING_TAKES
        return sum(quantity for at, quantity in self.asked[-100:] if at > lately)

    def waiting(self) -> list[str]:
        orders = self.crew.sandbox.ledger(polls=False)["orders"]
        return [order["id"] for order in orders if order["status"] == "waiting"]
