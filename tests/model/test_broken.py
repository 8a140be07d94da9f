"""A test of the model's test: with a guard taken out, it must fail, and say what it was for."""

import pytest

from tests.model.broken import VARIANTS
from tests.model.walk import walk

WALKS = 30  # every variant is found out long before


def found_out(machine, variant):
    """What no longer held; empty if a desk this broken got through every walk."""
    for seed in range(WALKS):
        try:
            walk(machine, seed, variant.steps, variant.story, variant.likes)
        except Exception as fault:  # noqa: BLE001  a desk this broken may also raise what it should not
            print(f"walk {seed + 1}: {fault!r}")
            return str(fault)
    return ""


@pytest.mark.parametrize("name", VARIANTS)
def test_a_desk_without_this_guard_is_found_out(machine, name):
    variant = VARIANTS[name]
    with variant.breaking():
        found = found_out(machine, variant)
    assert found.startswith(variant.meant)


def test_there_are_enough_variants():
    assert len(VARIANTS) >= 40
