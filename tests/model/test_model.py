"""Any order of deeds and misfortunes, against the real code and the real database."""

from tests.model.invariants import ARROWS
from tests.model.upstream import FAULTS
from tests.model.walk import walk

WALKS, STEPS = 200, 40


def test_nothing_is_bought_twice_and_no_code_is_lost_in_any_order_of_events(machine):
    for seed in range(WALKS):  # the same on every machine; `python -m tests.model` looks further
        walk(machine, seed, STEPS)
    tally = machine.lasting.tally
    print(tally)
    assert tally.steps >= WALKS * STEPS
    assert set(tally.arrows) >= ARROWS
    assert set(tally.rules) >= {rule.function.__name__ for rule in machine.setup_state().rules}
    assert set(tally.faults) == {fault for fault in FAULTS if fault} | {"kill -9", "database is locked"}
    assert min(tally.refused, tally.not_found, tally.over_limit) > 0
