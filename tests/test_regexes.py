"""Every regular expression of ours, against 100 kB that were made to stop it."""

import ast
import importlib
import re
from itertools import product
from time import thread_time

import pytest

from tests.test_architecture import SOURCES

LENGTH = 100_000
LONGEST = 0.05  # seconds of CPU, of the best of three runs
USES = "fullmatch|match|search|split|sub|findall|finditer"
SIGNS = list(" \t\n0aA_.-+,/|:'(&\u00df\U0001f511")
PAIRS = ["a.", "a/", "/ ", " /", " /a", "0.", "a b", "a,", "+1", "://", "other", "1:", "a-"]
HEADS = ["ACCESS_NUMBER:1:", "BANNED:'", "WRONG_MAX_PRICE:1.", "https://a", "http://a/", "anyother", "1:"]
BODIES = [piece * (LENGTH // len(piece)) for piece in SIGNS + PAIRS]
ATTACKS = [*BODIES, *[f"{body}!" for body in BODIES], *[f"{head}{body}!" for head, body in product(HEADS, BODIES[3:7])]]


def named():
    """Our compiled expressions, as module, name, and each way in which the module uses it."""
    for path, source in SOURCES.items():
        if "/migrations/" in path or "__main__" in path:
            continue
        for name in re.findall(r"^(\w+)(?:: [^=]+)? = re\.compile\(", source, re.MULTILINE):
            yield path, name, sorted(set(re.findall(rf"\b{name}\.({USES})\(", source))) or ["fullmatch"]


def unnamed():
    """Expressions that stand where they are used."""
    for path, source in SOURCES.items():
        calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
        for call in calls:
            way = ast.unparse(call.func).removeprefix("re.")
            if ast.unparse(call.func) in {f"re.{use}" for use in USES.split("|")}:
                yield path, call.args[0].value, way


def seconds(use, text):
    began = thread_time()
    use(text)
    return thread_time() - began


def slow(expression, way):
    """The attacks that take too long."""
    use = getattr(expression, way)
    run = (lambda text: use("", text)) if way == "sub" else use
    return [
        text[:40]
        for text in ATTACKS
        if seconds(run, text) > LONGEST and min(seconds(run, text), seconds(run, text)) > LONGEST
    ]


@pytest.mark.parametrize(("path", "name", "ways"), list(named()))
def test_no_expression_is_slow(path, name, ways):
    expression = getattr(importlib.import_module(path.removesuffix(".py").replace("/", ".")), name)
    assert {way: slow(expression, way) for way in ways} == {way: [] for way in ways}


@pytest.mark.parametrize(("path", "expression", "way"), list(unnamed()))
def test_no_expression_in_passing_is_slow(path, expression, way):
    assert slow(re.compile(expression), way) == []


def test_there_are_expressions_to_look_at():
    assert len(list(named())) >= 10
    assert len(list(unnamed())) >= 3


def test_a_slow_expression_is_found():
    assert seconds(re.compile(r"\s+[/+|]\s+").search, " " * 6_000) > LONGEST
