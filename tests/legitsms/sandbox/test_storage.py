import pytest

from legitsms.sandbox.control import Control

PURCHASE = {"api_key": "k", "action": "getNumber", "server": "1", "country": "187", "service": "sbcode"}


@pytest.fixture
def state(tmp_path):
    return tmp_path / "state.jsonl"


def call(control, **query):
    return control.respond({"api_key": "k"} | query, is_first_on_connection=True).text


def test_a_restart_keeps_wallet_orders_and_time(state):
    before = Control(state=state)
    order = call(before, **PURCHASE).split(":")[1]
    before.advance(11)
    after = Control(state=state)
    assert call(after, action="getStatus", id=order).startswith("STATUS_OK:")
    assert after.ledger()["wallet"] == "99.80"


def test_a_restart_keeps_what_was_closed_and_handed_out(state):
    before = Control(state=state)
    order = call(before, **PURCHASE).split(":")[1]
    before.deliver(order, "1")
    call(before, action="getStatus", id=order)
    call(before, action="setStatus", id=order, status="6")
    entry = Control(state=state).ledger()["orders"][0]
    assert (entry["status"], entry["handed_out"]) == ("finished", ["1"])


def test_a_restart_gives_no_id_twice_and_goes_on_with_its_luck(state):
    first = call(Control(state=state), **PURCHASE)
    second = call(Control(state=state), **PURCHASE)
    assert int(first.split(":")[1]) < int(second.split(":")[1])
    assert first.split(":")[2] != second.split(":")[2]


def test_a_line_that_was_cut_off_loses_itself_only(state):
    call(Control(state=state), **PURCHASE)
    state.write_text(state.read_text() + '{"order": {"id"')
    assert len(Control(state=state).ledger()["orders"]) == 1


def test_a_restart_drops_lines_that_were_overtaken(state):
    control = Control(state=state)
    for balance in range(50):
        control.wallet(str(balance))
    Control(state=state)
    assert len(state.read_text().splitlines()) == 1


def test_a_reset_is_kept_too(state):
    control = Control(state=state)
    call(control, **PURCHASE)
    control.reset()
    assert Control(state=state).ledger()["orders"] == []
