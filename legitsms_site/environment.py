"""What the environment may say. A wrong value stops the start with one line that names it."""

from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

SHORTEST_SECRET = 32  # characters
KNOWN_DATABASES = ("postgres://", "postgresql://", "sqlite:///")
BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # ships no types
    """NAME, or the content of the file that NAME_FILE points to, without the line end that editors add."""

    def str(self, var: str, default: str = "", *, multiline: bool = False) -> str:
        text: str = super().str(var, default, multiline)
        return text.strip()


env: Any = Environment()
if (dotenv := BASE_DIR / ".env").is_file():
    env.read_env(dotenv)


def positive(name: str, default: int, least: int = 1) -> int:
    """The whole number in `name`, which must be `least` or more."""
    try:
        number = int(env.str(name, default=str(default)))
    except ValueError:
        number = least - 1
    if number < least:
        raise ImproperlyConfigured(f"{name} must be a whole number of {least} or more.")
    return number


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use, so that sessions outlive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)  # it will hold numbers, codes and who bought them
    try:
        with path.open("x") as new:
            path.chmod(0o600)
            new.write(token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


def secrets(name: str) -> list[str]:
    """The secrets in `name`, between commas. One that could be guessed is none."""
    given = [part.strip() for part in env.str(name, default="").split(",") if part.strip()]
    if any(len(part) < SHORTEST_SECRET for part in given):
        raise ImproperlyConfigured(f"{name}: each of them needs {SHORTEST_SECRET} characters or more.")
    return given


def database(name: str) -> dict[str, Any]:
    """The database at the address in `name`."""
    if not env.str(name).startswith(KNOWN_DATABASES):
        raise ImproperlyConfigured(f"{name} must be like postgres://user:password@host/name.")
    return dict(env.db(name))


def checked(name: str, default: str, check: Callable[[str], object]) -> str:
    """The text in `name`, which `check` accepts, or says with a ValueError why not."""
    text: str = env.str(name, default=default)
    try:
        check(text)
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}: {wrong}.") from None
    return text
