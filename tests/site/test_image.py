"""The container image: what is copied into it is enough to run the desk, and holds nothing that should not get out."""

import os
import shutil
import subprocess
import sys

import pytest

from legitsms_site.environment import BASE_DIR

DOCKERFILE = (BASE_DIR / "Dockerfile").read_text()
IGNORED = (BASE_DIR / ".dockerignore").read_text().splitlines()
COPIED = [line.removeprefix("!") for line in IGNORED if line.startswith("!")]


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A folder with what `COPY . .` copies."""
    folder = tmp_path_factory.mktemp("image") / "desk"
    folder.mkdir()
    for name in COPIED:
        source = BASE_DIR / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder)
    return folder


def test_everything_is_left_out_but_what_is_named():
    assert next(line for line in IGNORED if line and not line.startswith("#")) == "*"
    assert {".env", ".git", "data", "tests", ".venv"}.isdisjoint(COPIED)


def test_what_is_copied_runs_and_writes_into_its_data_folder_alone(image, tmp_path):
    before = {path: path.stat().st_mtime_ns for path in image.rglob("*")}
    environment = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"}
    check = [sys.executable, "manage.py", "check", "--fail-level", "WARNING"]
    subprocess.run(check, cwd=image, env=environment, check=True, capture_output=True)
    assert {path: path.stat().st_mtime_ns for path in image.rglob("*")} == before
    assert {path.name for path in tmp_path.iterdir()} == {"secret_key", "field_encryption_key"}


def test_templates_and_static_files_are_copied(image):
    assert (image / "templates" / "base.html").is_file()
    assert (image / "static" / "desk").is_dir()


def test_the_desk_does_not_run_as_root():
    lines = DOCKERFILE.splitlines()
    assert "USER 10001:10001" in lines
    assert lines.index("USER 10001:10001") < next(at for at, line in enumerate(lines) if line.startswith("CMD"))


def test_only_pinned_wheels_are_installed():
    assert "--only-binary :all: --require-hashes -r requirements.txt" in DOCKERFILE
    assert "requirements-dev" not in DOCKERFILE
    assert "apt-get" not in DOCKERFILE
    assert DOCKERFILE.index("COPY requirements.txt") < DOCKERFILE.index("COPY . .")
