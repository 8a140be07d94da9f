"""The version before, still running while the new one's migrations are applied, as it does in every deployment.

BEFORE names its commit or tag; without it, it is the commit before the last one that brought a migration.
"""

import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from pathlib import Path

import requests

from tests.stack.crew import ROLES, Crew
from tests.stack.desk import ROOT, eventually
from tests.storm.ground import own_database, scratch

ROUNDS = 20
ROLES_BEFORE_1_0 = ("broker", "tick", "buy", "slow", "beat", "web")
PAGES = ("/", "/buy/", "/buy/review/?offer=1|187|sbcode", "/catalog/", "/banner/", "/readyz")


def git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def before() -> str:
    if named := os.environ.get("BEFORE"):
        return git("rev-parse", f"{named}^{{commit}}")
    return git("rev-parse", (git("log", "-1", "--format=%H", "--", "*/migrations/*.py") or "HEAD") + "~1")


def roles(root: Path) -> tuple[str, ...]:
    """The roles that the processes of these sources have."""
    return ROLES if (root / "legitsms_site/processes.py").exists() else ROLES_BEFORE_1_0


@contextmanager
def sources(folder: Path, commit: str) -> Iterator[Path]:
    git("worktree", "add", "--detach", str(folder), commit)
    try:
        yield folder
    finally:
        git("worktree", "remove", "--force", str(folder))


def main(rounds: int = ROUNDS) -> str:
    old_commit = before()
    with (
        scratch("before") as folder,
        sources(folder / "old", old_commit) as old,
        sources(folder / "new", git("rev-parse", "HEAD")) as new,
    ):
        crew = Crew(folder, roles(old), root=old, speed=10, DATABASE_URL=own_database(folder))
        crew.start()
        try:
            crew.make_members()
            work = Work(crew)
            work.day(rounds // 4)
            applied = migrate(crew, new)
            work.day(rounds)
        finally:
            crew.stop()
        work.judge()
    return f"{old_commit[:7]} on the schema of HEAD ({applied} migrations): {work.told()}"


def migrate(crew: Crew, new: Path) -> int:
    """Apply the new version's migrations. Returns how many there were."""
    command = [sys.executable, "manage.py", "migrate", "--no-input"]
    done = subprocess.run(command, cwd=new, env=crew.environment, capture_output=True, text=True, check=True)
    return done.stdout.count("... OK")


class Work:
    """What a member does all day, and how often the desk fell short."""

    def __init__(self, crew: Crew) -> None:
        self.crew, self.ana = crew, crew.member("ana")
        self.answers: Counter[int] = Counter()
        self.cancelled: list[str] = []
        self.finished: list[str] = []
        self.ana.http.hooks["response"].append(self.note)

    def note(self, answer: requests.Response, **_: object) -> None:
        self.answers[answer.status_code] += 1

    def day(self, rounds: int) -> None:
        """Buy two numbers, cancel one, wait for the other's code and finish it, look around; and that again."""
        for number in range(rounds):
            cancelled, finished = self.buy("sbnever"), self.buy("sbnever")
            self.press(cancelled, "cancel")
            self.cancelled.append(cancelled["id"])
            self.crew.sandbox.deliver(finished["id"], f"code-{finished['id']}")
            eventually(lambda order=finished: f"code-{order['id']}" in self.ana.get("/").text)
            self.press(finished, "finish")
            self.finished.append(finished["id"])
            self.browse()
            if (number + 1) % 5 == 0:
                print(f"{self.told()}", flush=True)
        eventually(lambda: self.states(self.cancelled) == {"cancelled"} and self.states(self.finished) == {"finished"})

    def buy(self, service: str) -> dict:
        order = self.crew.bought_by(lambda: self.ana.buy(service))
        eventually(lambda: self.card(order))
        return order

    def card(self, order: dict) -> str:
        """The number of the order's card, once it shows the phone."""
        found = re.search(rf'id="order-(\d+)"[^>]*data-find="{order["phone"]} ', self.ana.get("/").text)
        return found[1] if found else ""

    def press(self, order: dict, button: str) -> None:
        self.ana.post(f"/orders/{self.card(order)}/{button}/")

    def browse(self) -> None:
        for page in PAGES:
            self.ana.get(page)

    def states(self, ids: list[str]) -> set[str]:
        return {order["status"] for order in self.crew.ledger()["orders"] if order["id"] in ids}

    def told(self) -> str:
        errors = sum(times for status, times in self.answers.items() if status >= HTTPStatus.BAD_REQUEST)
        work = f"{len(self.finished)} codes, {len(self.cancelled)} cancels"
        return f"{work}, {self.answers.total()} requests, {errors} errors"

    def judge(self) -> None:
        assert not [status for status in self.answers if status >= HTTPStatus.BAD_REQUEST], self.answers
        assert not (found := self.crew.said("Error")), found[-5:]
        assert not self.crew.exits, f"processes that ended by themselves: {self.crew.exits}"


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
