"""The page of faults is whole: each fault has one row, and each test that a row names is there."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
FAULTS = [f"F{number:02}" for number in range(1, 71)]
ROWS = re.findall(r"^\| (F\d\d) \| (.*) \| (.*) \| (.*) \|$", (HOUSE / "tests/FAULTS.md").read_text(), re.MULTILINE)
TARGETS = re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text(), re.MULTILINE)
NAMED = re.compile(r"`(tests/[\w/]+\.py)::(\w+)(?:\[(.+?)\])?`|`make (\w+)`")
WAITS = re.compile(r"waits for issue \d+")


def names_nothing(named):
    """Whether there is no such test, no such case of it, or no such command."""
    path, test, case, target = named
    if target:
        return target not in TARGETS
    nodes = list(ast.walk(ast.parse((HOUSE / path).read_text()))) if (HOUSE / path).exists() else []
    tests = {node.name for node in nodes if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    texts = {node.value for node in nodes if isinstance(node, ast.Constant)} | {""}
    return test not in tests or not test.startswith("test_") or case not in texts


def test_every_fault_has_one_row():
    assert [number for number, *_ in ROWS] == FAULTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_row_names_tests_that_there_are_or_the_issue_that_it_waits_for(row):
    _, fault, tests, where = row
    named = NAMED.findall(tests)
    assert [each for each in named if names_nothing(each)] == []
    assert set(NAMED.sub("", tests).split("<br>")) <= {""} or WAITS.fullmatch(tests)
    assert (named and where) or WAITS.search(fault + tests)


@pytest.mark.parametrize(
    "sin",
    [
        "`tests/nowhere.py::test_x`",
        "`tests/test_faults.py::test_that_is_not_there`",
        "`tests/test_faults.py::names_nothing`",
        "`tests/test_faults.py::test_every_fault_has_one_row[case]`",
        "`make nothing`",
    ],
)
def test_a_row_that_names_nothing_is_found(sin):
    assert names_nothing(*NAMED.findall(sin))
