"""Two hundred open orders, a real beat and real workers: how long between two polls of one order?"""

import time
from itertools import pairwise
from statistics import quantiles

import pytest

from tests.stack.desk import Desk, eventually

ORDERS = 200
WATCHED = 60  # seconds
NEVER_NEARER = 2.7  # seconds


@pytest.fixture
def busy_desk(tmp_path):
    """A desk with two hundred orders that wait."""
    desk = Desk(tmp_path).start()
    desk.make_members()
    ana = desk.member("ana")
    for _ in range(ORDERS // 10):
        ana.buy(quantity=10)
    eventually(lambda: len(desk.ledger()["orders"]) == ORDERS, within=60)
    yield desk
    desk.stop()


def gaps_since(desk: Desk, began: float) -> list[float]:
    polls = [[at for at in order["polls"] if at >= began] for order in desk.ledger()["orders"]]
    return sorted(later - earlier for times in polls for earlier, later in pairwise(times))


def test_no_order_is_asked_twice_within_2_7_seconds(busy_desk, capsys):
    began = busy_desk.ledger()["monotonic"]
    time.sleep(WATCHED)  # the thing watched is time itself
    gaps = gaps_since(busy_desk, began)
    marks = quantiles(gaps, n=100)
    with capsys.disabled():
        print(f"\n{ORDERS} orders, {WATCHED} s, {len(gaps)} gaps between polls of one order:")
        print(f"p1 {marks[0]:.3f}  p50 {marks[49]:.3f}  p99 {marks[98]:.3f}  max {gaps[-1]:.3f}  min {gaps[0]:.3f} s")
    assert len(gaps) >= ORDERS * (WATCHED / 3.5 - 1)
    assert gaps[0] >= NEVER_NEARER
