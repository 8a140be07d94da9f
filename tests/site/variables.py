"""Which environment variables the code reads, and which ones the example names."""

import ast
import re
from pathlib import Path

from legitsms_site.environment import BASE_DIR

PACKAGES = ("legitsms", "provider", "catalog", "team", "orders", "legitsms_site")
READERS = re.compile(r"env\.\w+|integer|per_minute|validated|secrets|database|os\.environ\.get|os\.getenv")


def files():
    return (path for package in PACKAGES for path in (BASE_DIR / package).rglob("*.py"))


def read_in(path: Path):
    """The names that stand as the first argument of a call that reads the environment, or between its brackets."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Call(func=reader, args=[ast.Constant(value=str(name)), *_]) if READERS.fullmatch(
                ast.unparse(reader)
            ):
                yield name
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name)), ctx=ast.Load()) if (
                ast.unparse(mapping) == "os.environ"
            ):
                yield name


def written_in(path: Path):
    """The names that the code itself sets, so that nobody else need to."""
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Subscript(value=mapping, slice=ast.Constant(value=str(name)), ctx=ast.Store()) if (
                ast.unparse(mapping) == "os.environ"
            ):
                yield name


VARIABLES_READ = {name for path in files() for name in read_in(path)} - {
    name for path in files() for name in written_in(path)
}


def variables_of_example():
    """Each name of .env.example with its default."""
    return dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (BASE_DIR / ".env.example").read_text(), re.MULTILINE))
