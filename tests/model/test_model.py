"""Any order of deeds and misfortunes, against the real code and the real database."""

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.model.invariants import ARROWS
from tests.model.upstream import FAULTS

RUNS = settings(
    max_examples=200,
    stateful_step_count=40,
    derandomize=True,  # the same on every machine; `python -m tests.model` looks further
    phases=[Phase.generate, Phase.shrink],
    suppress_health_check=list(HealthCheck),
    deadline=None,
    database=None,
)


def test_nothing_is_bought_twice_and_no_code_is_lost_in_any_order_of_events(machine):
    run_state_machine_as_test(machine, settings=RUNS)
    tally = machine.lasting.tally
    assert set(tally.arrows) >= ARROWS
    assert set(tally.rules) >= {rule.function.__name__ for rule in machine.setup_state().rules}
    assert set(tally.faults) == {fault for fault in FAULTS if fault} | {"kill -9", "database is locked"}
