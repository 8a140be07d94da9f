"""Rules of the house that no single file can keep: each is a search of the sources, which finds a planted sin."""

import ast
import re
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
ROOMS = ("legitsms", "provider", "catalog", "team", "orders", "legitsms_site")
SOURCES = {str(path.relative_to(HOUSE)): path.read_text() for room in ROOMS for path in (HOUSE / room).rglob("*.py")}
TEMPLATES = {str(path.relative_to(HOUSE)): path.read_text() for path in (HOUSE / "templates").rglob("*.html")}
VIEWS = {name: text for name, text in SOURCES.items() if "/views" in name}
TASKS = {name: text for name, text in SOURCES.items() if name.endswith("/tasks.py")}

UNSAFE = re.compile(
    r"\|\s*safe\b|\|\s*safeseq\b|autoescape\s+off|<script(?![^>]*\bsrc=)[^>]*>|<style\b|\sstyle=|\son[a-z]+\s*=|\bhx-on\b|[\"']\s*javascript:",
    re.IGNORECASE,
)
MARKED_SAFE = re.compile(r"\bmark_safe\b|\bSafeString\b|\|safe\b|autoescape\s*=\s*False")
LATER = {"retry", "countdown", "eta", "autoretry_for", "default_retry_delay", "max_retries"}


def imported(source):
    """The top packages that `source` imports, wherever in it."""
    nodes = list(ast.walk(ast.parse(source)))
    plain = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    named = {node.module for node in nodes if isinstance(node, ast.ImportFrom) if node.module and not node.level}
    return {name.partition(".")[0] for name in plain | named}


def unsure_lookups(source):
    """Places where a view looks a row up and a missing one would be a fault, or where it calls LegitSMS itself."""
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    return [call for call in calls if re.search(r"\bobjects\.get$|\bClient$|\bupstream\.client$|\.get_number$", call)]


def unasked_lookups(source):
    """Places where a view reaches orders without asking whose they are."""
    return re.findall(
        r"\bOrder\.objects\b(?!\.(?:for_user|actionable_by|settleable_by)\()|404\(\s*Order\b(?!\.)", source
    )


def put_off(source):
    """What would make Celery send a task again or later: measured, ten such tasks ran thirty times."""
    nodes = list(ast.walk(ast.parse(source)))
    keywords = {word.arg for node in nodes if isinstance(node, ast.Call) for word in node.keywords}
    attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
    return (keywords | attributes) & LATER


def arguments_of_tasks(source):
    """What each Celery task in `source` takes, as (name, type)."""
    functions = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)]
    tasks = [node for node in functions if any("shared_task" in ast.unparse(mark) for mark in node.decorator_list)]
    return [(given.arg, ast.unparse(given.annotation)) for task in tasks for given in task.args.args]


def is_plain(argument):
    name, kind = argument
    return (name.endswith("_id") and kind == "int") or argument == (
        "queue",
        "str",
    )  # the name of a queue, for its pulse


# --- Imports (import-linter checks the layers and circles)


@pytest.mark.parametrize("name", [name for name in SOURCES if name != "legitsms/transport.py"])
def test_only_one_module_speaks_http_to_legitsms(name):
    found = imported(SOURCES[name]) & {"requests", "urllib3", "httpx", "aiohttp"}
    assert found <= ({"urllib3"} if name == "legitsms/sockets.py" else set())


@pytest.mark.parametrize("name", [name for name in SOURCES if not name.startswith(("legitsms/", "provider/"))])
def test_nobody_but_the_provider_has_a_client_that_needs_no_slot(name):
    assert not re.search(r"\bClient\(|import [^\n]*\bClient\b", SOURCES[name])


@pytest.mark.parametrize("name", SOURCES)
def test_no_module_is_a_drawer_for_everything(name):
    assert not set(Path(name).with_suffix("").parts) & {"utils", "helpers", "common", "core", "services", "misc"}


# --- Views and tasks


@pytest.mark.parametrize("name", VIEWS)
def test_no_view_trips_over_a_missing_row_or_calls_legitsms(name):
    assert unsure_lookups(VIEWS[name]) == []


@pytest.mark.parametrize("sin", ["Order.objects.get(pk=1)", "upstream.client(x)", "Client(url, key)", "c.get_number()"])
def test_a_view_that_would_is_found(sin):
    assert unsure_lookups(sin)


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_looks_orders_up_for_the_member_who_asks(name):
    assert unasked_lookups(VIEWS[name]) == []


@pytest.mark.parametrize(
    "sin",
    ["Order.objects.filter(pk=1)", "list(Order.objects)", "get_object_or_404(Order, pk=pk)", "Order.objects.all()"],
)
def test_a_view_that_does_not_is_found(sin):
    assert unasked_lookups(sin)


@pytest.mark.parametrize("name", SOURCES)
def test_no_task_is_sent_again_or_later(name):
    allowed = {"max_retries"} if name == "legitsms/transport.py" else set()
    assert put_off(SOURCES[name]) <= allowed


@pytest.mark.parametrize(
    "sin",
    [
        "self.retry()",
        "t.apply_async((1,), countdown=5)",
        "t.apply_async(eta=now)",
        "@shared_task(max_retries=3)\ndef t(): ...",
    ],
)
def test_a_task_that_would_be_is_found(sin):
    assert put_off(sin)


@pytest.mark.parametrize("name", TASKS)
def test_a_task_is_told_the_id_of_a_row_and_nothing_else(name):
    assert [argument for argument in arguments_of_tasks(TASKS[name]) if not is_plain(argument)] == []


def test_a_task_that_is_told_more_is_found():
    sin = "@shared_task(name='x')\ndef buy(order: Order, key: str): ..."
    assert [argument for argument in arguments_of_tasks(sin) if not is_plain(argument)] == [
        ("order", "Order"),
        ("key", "str"),
    ]


def test_there_are_tasks_and_views_to_look_at():
    assert len(VIEWS) >= 5
    assert sum(len(arguments_of_tasks(text)) for text in TASKS.values()) >= 4


# --- What strangers wrote is never run


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_template_trusts_a_text_or_runs_a_script_of_its_own(name):
    assert UNSAFE.findall(TEMPLATES[name]) == []


@pytest.mark.parametrize(
    "sin",
    [
        "{{ code.text|safe }}",
        "{% autoescape off %}",
        "<script>alert(1)</script>",
        '<script type="module">x</script>',
        "<style>p {}</style>",
        '<p style="color: red">',
        '<p onclick="x()">',
        '<p hx-on:click="x()">',
        '<a href="javascript:x()">',
    ],
)
def test_a_template_that_does_is_found(sin):
    assert UNSAFE.search(sin)


@pytest.mark.parametrize("name", TEMPLATES)
def test_no_line_of_a_template_is_longer_than_120_characters(name):
    assert [line for line in TEMPLATES[name].splitlines() if len(line) > 120] == []


@pytest.mark.parametrize("name", SOURCES)
def test_no_code_calls_a_text_safe(name):
    assert not MARKED_SAFE.search(SOURCES[name])


@pytest.mark.parametrize("name", [name for name in SOURCES if "/migrations/" not in name])
def test_no_code_runs_what_it_is_told(name):
    calls = [ast.unparse(node.func) for node in ast.walk(ast.parse(SOURCES[name])) if isinstance(node, ast.Call)]
    assert not {"eval", "exec", "os.system", "pickle.loads", "pickle.load"} & set(calls)
