"""The broker is killed and started again under load; each time buying and polling must go on."""

import random
import signal
import sys
import time
from statistics import median

from tests.stack.desk import eventually
from tests.storm.books import settled
from tests.storm.ground import ground
from tests.storm.load import POLLED, buying, pause, works_again

RESTARTS = 25
BACK_WITHIN = 15  # seconds
IN_FLIGHT = 0.3  # seconds; what is asked so soon after the kill was enqueued before it


def main(restarts: int = RESTARTS) -> str:
    with ground("broker") as crew:
        member = crew.member("ana")
        crew.open_orders(member, POLLED)
        with buying(member):
            took = [restart(crew, number) for number in range(1, restarts + 1)]
        unasked = {ended: times for ended, times in crew.exits.items() if ended != ("broker", -signal.SIGKILL)}
        assert not unasked, f"processes that ended by themselves: {unasked}"
        eventually(crew.is_ready)
        books = settled(crew)
    return (
        f"{restarts} restarts, work went on after {median(took):.1f} s (median), {max(took):.1f} s (longest); {books}"
    )


def restart(crew, number: int) -> float:
    pause(random.uniform(1, 3))
    killed_at = time.monotonic()
    crew.send("broker", signal.SIGKILL)
    took = works_again(crew, killed_at + IN_FLIGHT, BACK_WITHIN) + IN_FLIGHT
    print(f"restart {number}: {took:.1f} s", flush=True)
    assert took <= BACK_WITHIN
    return took


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
