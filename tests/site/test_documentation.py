"""What the documents say of settings is what the code does."""

import re

import pytest

from legitsms_site.environment import BASE_DIR
from tests.site.variables import VARIABLES_READ, variables_of_example

README = (BASE_DIR / "README.md").read_text()
SETTINGS = (BASE_DIR / "docs/settings.md").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)?.*?\|", re.MULTILINE)
CONTAINERS_ALONE = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}  # docker-compose.yml makes the URLs of them


def test_the_example_has_every_variable_that_the_code_reads_and_no_other():
    assert set(variables_of_example()) == VARIABLES_READ | CONTAINERS_ALONE


def test_the_page_of_settings_has_the_variables_of_the_example_with_the_same_defaults():
    rows = ROW.findall(SETTINGS)
    assert dict(rows) == variables_of_example()
    assert len(rows) == len(dict(rows))


def test_nothing_is_set_in_the_example_as_it_is():
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_every_file_that_is_pointed_to_is_there(name):
    pointed = re.findall(r"\[[^]]*\]\((?!http)([^)#]+)\)", (BASE_DIR / name).read_text())
    assert [path for path in pointed if not (BASE_DIR / path).exists()] == []


def test_every_make_target_that_is_named_is_there():
    named = set(re.findall(r"`make ([a-z]+)`", README + (BASE_DIR / "CONTRIBUTING.md").read_text()))
    assert named <= set(re.findall(r"^([a-z]+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))
