"""Members who keep buying while things break, and orders that wait to be polled."""

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from threading import Event, Thread

import requests

from tests.stack.crew import Crew
from tests.stack.desk import Member

POLLED = 50  # orders that stay open
PAUSE = 0.5  # seconds between two purchases
LOOK_EVERY = 0.3  # seconds; the books are long, and reading them takes time from what is measured


def orders(crew: Crew, service: str = "sbnever") -> list[dict]:
    return [order for order in crew.sandbox.ledger()["orders"] if order["service"] == service]


@contextmanager
def buying(member: Member, service: str = "sbcode") -> Iterator[None]:
    """Meanwhile the member buys one number after the other, whatever the answers are."""
    over = Event()

    def go_on() -> None:
        while not over.wait(PAUSE):
            with suppress(requests.RequestException):
                member.buy(service)

    thread = Thread(target=go_on, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def works_again(crew: Crew, since: float, within: float) -> float:
    """Seconds after `since` (monotonic) until a number was bought and every open order was asked about."""
    while not (at := back(crew, since)):
        if time.monotonic() > since + within:
            crew.ask_where_they_stand("polling", "purchasing")
            raise AssertionError(f"not going on after {within} s: {missing(crew, since)}")
        pause(LOOK_EVERY)
    return at - since


def back(crew: Crew, since: float) -> float:
    """When work was going on again, or 0 if it is not yet."""
    sold = [purchase["at"] for purchase in crew.sandbox.ledger(polls=False)["purchases"] if purchase["at"] > since]
    asked = [[at for at in order["polls"] if at > since] for order in orders(crew)]
    return max(min(sold), *map(min, asked)) if sold and all(asked) else 0


def missing(crew: Crew, since: float) -> str:
    """What does not go on, buying or polling, and what lies in the queues meanwhile."""
    sold = sum(purchase["at"] > since for purchase in crew.sandbox.ledger(polls=False)["purchases"])
    unasked = sum(not any(at > since for at in order["polls"]) for order in orders(crew))
    with crew.broker() as broker:
        queues = {queue: broker.llen(queue) for queue in ("polling", "purchasing", "catalog")}
    return f"{sold} sold, {unasked} orders not asked about, messages {queues}"


def pause(seconds: float) -> None:
    time.sleep(seconds)  # load is only load if it goes on for a while
