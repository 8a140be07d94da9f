"""Connections to the broker that look alive and carry nothing any more: the workers must find out by themselves."""

import sys
import time
from statistics import median

from legitsms_site import broker
from tests.stack.desk import eventually, free_port
from tests.storm.books import settled
from tests.storm.ground import prepared
from tests.storm.load import POLLED, buying, pause, works_again
from tests.storm.proxy import Proxy

TIMES = 5
BACK_WITHIN = 30  # seconds
IN_FLIGHT = 0.3  # seconds; what is asked so soon after was enqueued before it


def main(times: int = TIMES) -> str:
    port = free_port()
    with prepared("halfopen", REDIS_URL=f"redis://127.0.0.1:{port}/0") as crew:
        proxy = Proxy(port, broker.socket_path(crew.folder / "data")).start()
        crew.start()
        crew.make_members()
        member = crew.member("ana")
        crew.open_orders(member, POLLED)
        with buying(member):
            took = [freeze(crew, proxy, number) for number in range(1, times + 1)]
        assert not crew.exits, f"processes that ended by themselves: {crew.exits}"
        eventually(crew.is_ready)
        figures = f"work went on after {median(took):.1f} s (median), {max(took):.1f} s (longest)"
        books = settled(crew)
    proxy.stop()
    return f"{times} times half open, {figures}; {books}"


def freeze(crew, proxy: Proxy, number: int) -> float:
    pause(5)
    began, frozen = time.monotonic(), proxy.freeze()
    took = works_again(crew, began + IN_FLIGHT, BACK_WITHIN) + IN_FLIGHT
    print(f"{number}: {frozen} connections half open, {took:.1f} s", flush=True)
    return took


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
