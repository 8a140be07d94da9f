"""The whole desk, from an empty data folder, against a LegitSMS that answers one request in two seconds."""

from itertools import pairwise

import pytest

from tests.stack.desk import MEMBERS, Desk, eventually

pytestmark = pytest.mark.stack


@pytest.fixture
def scarce_desk(tmp_path):
    desk = Desk(tmp_path)
    desk.environment["SANDBOX_REQUESTS_PER_MINUTE"] = "30"
    desk.start()
    yield desk
    desk.stop()


def test_the_first_number_is_bought_within_40_s_and_no_request_is_refused(scarce_desk):
    ready_at = scarce_desk.ledger()["monotonic"]
    scarce_desk.manage("shell", "-v0", "-c", MEMBERS)
    ana = scarce_desk.member("ana")
    eventually(lambda: "never delivers" in ana.get("/catalog/search/services/?service_text=never").text, within=40)
    eventually(lambda: "S1" in ana.get("/catalog/search/places/?q=usa").text, within=40)
    ana.buy()
    eventually(lambda: scarce_desk.ledger()["orders"], within=40)
    eventually(lambda: scarce_desk.ledger()["orders"][0]["polls"], within=20)
    ledger = scarce_desk.ledger()
    assert ledger["purchases"][0]["at"] - ready_at <= 40
    assert ledger["rate_limit"]["refused"] == 0
    times = [request["at"] for request in ledger["requests"]]
    assert min(second - first for first, second in pairwise(times)) >= 2
