"""What the documents say of settings, files and commands is what there is."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from django.core.management import get_commands

from legitsms_site.environment import BASE_DIR
from tests.site.variables import VARIABLES_READ, variables_of_example

README = (BASE_DIR / "README.md").read_text()
SETTINGS = (BASE_DIR / "docs/settings.md").read_text()
ROW = re.compile(r"^\| `([A-Z_]+)` \| (?:`(.*?)`)?.*?\|", re.MULTILINE)
CONTAINERS_ALONE = {"POSTGRES_PASSWORD", "REDIS_PASSWORD"}  # docker-compose.yml makes the URLs of them

OWN_FOLDERS = [path for path in BASE_DIR.iterdir() if path.is_dir() and path.name[0] != "." and path.name != "data"]
PAGES = sorted([*BASE_DIR.glob("*.md"), *(page for folder in OWN_FOLDERS for page in folder.rglob("*.md"))])
FENCED = re.compile(r"^( *)```.*?^\1```$", re.MULTILINE | re.DOTALL)
INLINE_CODE = re.compile(r"`[^`\n]*`")
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^]]+\]:\s*(\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.*?) *$", re.MULTILINE)


def links_in(text: str) -> list[str]:
    """Where the links and pictures of a page lead, within this repository."""
    prose = INLINE_CODE.sub("", FENCED.sub("", text))
    found = [inside or below for inside, below in LINK.findall(prose)]
    return [link for link in found if not re.match(r"[a-z]+:", link)]


def anchors_in(text: str) -> set[str]:
    """The fragments that GitHub gives the headings of a page."""
    anchors, times = set(), Counter[str]()
    for heading in HEADING.findall(FENCED.sub("", text)):
        shown = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", heading)
        slug = re.sub(r"[^\w\- ]", "", shown.lower()).replace(" ", "-")
        anchors.add(f"{slug}-{times[slug]}" if times[slug] else slug)
        times[slug] += 1
    return anchors


def leads_somewhere(link: str, page: Path) -> bool:
    path, _, fragment = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(BASE_DIR):
        return False
    return not fragment or fragment in anchors_in(target.read_text())


def commands_below(heading: str, page: str) -> str:
    """The first block of commands below this heading of this page."""
    found = re.search(rf"^#+ {heading}$.*?^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    assert found, heading
    return found[1]


def test_the_example_has_every_variable_that_the_code_reads_and_no_other():
    assert set(variables_of_example()) == VARIABLES_READ | CONTAINERS_ALONE


def test_the_page_of_settings_has_the_variables_of_the_example_with_the_same_defaults():
    rows = ROW.findall(SETTINGS)
    assert dict(rows) == variables_of_example()
    assert len(rows) == len(dict(rows))


def test_nothing_is_set_in_the_example_as_it_is():
    lines = (BASE_DIR / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(BASE_DIR)))
def test_every_link_leads_to_a_file_and_a_heading_that_are_there(page):
    assert [link for link in links_in(page.read_text()) if not leads_somewhere(link, page)] == []


def test_the_pages_with_links_are_among_those_that_are_checked():
    checked = {str(page.relative_to(BASE_DIR)) for page in PAGES}
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/settings.md", "legitsms/sandbox/README.md"} <= checked


@pytest.mark.parametrize(
    ("link", "is_there"),
    [
        ("settings.md", True),
        ("settings.md#team-policy", True),
        ("../README.md#read-on", True),
        ("#processes", True),
        ("missing.md", False),
        ("settings.md#missing", False),
        ("#missing", False),
        ("../../README.md", False),
    ],
)
def test_a_link_that_leads_nowhere_is_noticed(link, is_there):
    assert links_in(f"See [this]({link}), not `[this](code.md)`.\n```sh\n[no](link.md)\n```\n") == [link]
    assert leads_somewhere(link, BASE_DIR / "docs/how-it-works.md") == is_there


def test_headings_have_the_anchors_that_github_gives_them():
    text = "# A [link](x.md) & `code`\n## What's new?\n## Twice\n```sh\n# no heading\n```\n## Twice\n"
    assert anchors_in(text) == {"a-link--code", "whats-new", "twice", "twice-1"}


def test_the_readme_links_every_page_of_the_documentation():
    linked = {(BASE_DIR / link.partition("#")[0]).resolve() for link in links_in(README)}
    assert set((BASE_DIR / "docs").glob("*.md")) - linked == set()


def test_every_make_target_that_is_named_is_there():
    named = {target for page in PAGES for target in re.findall(r"\bmake ([a-z]+)`", page.read_text())}
    named |= {target for page in PAGES for target in re.findall(r"^make ([a-z]+)", page.read_text(), re.MULTILINE)}
    assert {"run", "test"} <= named
    assert named <= set(re.findall(r"^([a-z]+):", (BASE_DIR / "Makefile").read_text(), re.MULTILINE))


def test_every_management_command_that_is_named_is_there():
    named = {name for page in PAGES for name in re.findall(r"manage\.py ([a-z_0-9]+)", page.read_text())}
    assert named <= set(get_commands())


def test_the_readme_says_how_to_get_start_and_test_the_desk():
    assert [line.split(" ")[:2] for line in commands_below("Start", README).splitlines()] == [
        ["git", "clone"],
        ["cd", "legitsms-desk"],
        ["make", "run"],
    ]
    assert re.search(r"^make test$", README, re.MULTILINE)


def test_the_backup_of_sqlite_can_be_made_and_restored_with_the_documented_commands(tmp_path):
    page = (BASE_DIR / "docs/backup.md").read_text()
    (tmp_path / ".venv").symlink_to(Path(sys.executable).parent.parent)
    surroundings = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path / "data")}
    subprocess.run([sys.executable, "-m", "legitsms_site", "prepare"], env=surroundings, cwd=BASE_DIR, check=True)
    data = tmp_path / "data"
    (data / "journal").mkdir()
    (data / "journal" / "1-a").write_text("a record")
    with sqlite3.connect(data / "desk.sqlite3") as desk:  # left open: the desk runs while it is backed up
        desk.execute("INSERT INTO auth_group (name) VALUES ('before')")
        desk.commit()
        run(commands_below("Back up with SQLite", page), tmp_path)
        desk.execute("INSERT INTO auth_group (name) VALUES ('after')")
    desk.close()
    secret = (data / "secret_key").read_text()
    (data / "journal" / "1-a").write_text("a newer record")
    run(commands_below("Restore with SQLite", page), tmp_path)
    assert groups(data) == {"Administrator", "Buyer", "Viewer", "before"}
    assert (data / "journal" / "1-a").read_text() == "a newer record"
    data.rename(tmp_path / "lost")
    run(commands_below("Restore with SQLite", page), tmp_path)
    assert groups(data) == {"Administrator", "Buyer", "Viewer", "before"}
    assert (data / "secret_key").read_text() == secret
    assert (data / "journal" / "1-a").read_text() == "a record"
    assert data.stat().st_mode & 0o777 == 0o700


def run(commands: str, folder: Path) -> None:
    subprocess.run(["bash", "-e", "-c", commands], cwd=folder, check=True)


def groups(data: Path) -> set[str]:
    desk = sqlite3.connect(data / "desk.sqlite3")
    names = {name for (name,) in desk.execute("SELECT name FROM auth_group")}
    desk.close()
    return names
