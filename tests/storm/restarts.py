"""A deployment, again and again, while LegitSMS is slow to answer purchases: what was begun is finished first."""

import sys
from statistics import median

from tests.stack.crew import ROLES
from tests.stack.desk import eventually
from tests.storm.books import rows_of, settled
from tests.storm.ground import ground
from tests.storm.load import pause

TIMES = 10
AT_ONCE = 4  # purchases, as many as there are workers for them
DEPLOYED = tuple(name for name in ROLES if name != "broker")


def main(times: int = TIMES) -> str:
    with ground("restarts") as crew:
        member = crew.member("ana")
        took = [deploy(crew, member, number) for number in range(1, times + 1)]
        asked = times * AT_ONCE
        eventually(lambda: rows_of("Order").exclude(bought_at=None).count() == asked, within=60)
        assert not rows_of("OrderEvent").filter(target="unclear").exists(), "a purchase became unclear"
        assert len(crew.sandbox.ledger()["purchases"]) == asked, "asked for more than was wanted"
        assert not crew.exits, f"processes that ended by themselves: {crew.exits}"
        books = settled(crew)
    return (
        f"{times} restarts, processes ended within {median(took):.1f} s (median), {max(took):.1f} s (longest); {books}"
    )


def deploy(crew, member, number: int) -> float:
    """SIGTERM for all processes at ever another moment of four purchases that take 6 s each, then all start again."""
    before = len(crew.sandbox.ledger()["purchases"])
    for _ in range(AT_ONCE):
        member.buy("sbslow")
    eventually(lambda: len(crew.sandbox.ledger()["purchases"]) > before)
    pause(number * 0.5 % 4)
    under_way = rows_of("Order").filter(status="buying").count()
    took = crew.end(*DEPLOYED)
    crew.begin(*DEPLOYED)
    eventually(crew.is_ready, within=60)
    print(f"restart {number}: {under_way} purchases were under way, the processes took {took:.1f} s to end", flush=True)
    return took


if __name__ == "__main__":
    print(main(*map(int, sys.argv[1:])))
