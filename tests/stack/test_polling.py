"""Many open orders, while LegitSMS gives no answer about some of them. `make benchmark` measures more, for longer."""

import pytest

from tests.stack.breaking import NEVER_NEARER, pace
from tests.stack.desk import eventually

ORDERS, SILENT = 40, 5  # more are silent than processes poll
EXPECTED = 2  # a busy machine leaves no time for the third poll


def polls(desk, order, since):
    [times] = [each["polls"] for each in desk.ledger()["orders"] if each["id"] == order]
    return [at for at in times if at >= since]


@pytest.fixture(scope="module")
def silence(tough_desk):
    """The others, and the times of two questions about a silent order, of which the first got no answer."""
    bought = tough_desk.open_orders(tough_desk.member("ana"), ORDERS)
    silent, others = bought[:SILENT], bought[SILENT:]
    for order in silent:
        tough_desk.control("fault", action="getStatus", fault="hang", order=order, seconds=60, times=None)
    since = tough_desk.ledger()["monotonic"]
    eventually(lambda: len(polls(tough_desk, silent[-1], since)) > 1, within=60)
    tough_desk.control("clear")
    return others, polls(tough_desk, silent[-1], since)[:2]


def test_orders_whose_answers_hang_hold_no_other_back(tough_desk, silence):
    others, (asked, asked_again) = silence
    meanwhile = {order: [at for at in polls(tough_desk, order, asked) if at < asked_again] for order in others}
    assert min(map(len, meanwhile.values())) >= EXPECTED


def test_no_order_is_asked_about_more_often_than_every_2_7_seconds(tough_desk, silence):
    _, (asked, _) = silence
    assert pace(tough_desk, asked) >= NEVER_NEARER
