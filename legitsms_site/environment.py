"""Reads and checks environment variables. An invalid value stops the start with one line that names the variable."""

from collections.abc import Callable
from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

MIN_SECRET_LENGTH = 32  # characters
MAX_PER_MINUTE = 6000
KNOWN_DATABASES = ("postgres://", "postgresql://", "sqlite:///")
BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(environ.FileAwareEnv):  # type: ignore[misc]  # ships no types
    """Reads NAME, or the file that NAME_FILE names, without the line end that editors add."""

    def str(self, var: str, default: str = "", *, multiline: bool = False) -> str:
        text: str = super().str(var, default, multiline)
        return text.strip()


env: Any = Environment()
if (dotenv := BASE_DIR / ".env").is_file():
    env.read_env(dotenv)


def integer(name: str, default: int, minimum: int = 1) -> int:
    """Return the integer in `name`. Raises `ImproperlyConfigured` if it is less than `minimum`."""
    try:
        number = int(env.str(name, default=str(default)))
    except ValueError:
        number = minimum - 1
    if number < minimum:
        raise ImproperlyConfigured(f"{name} must be a whole number of {minimum} or more.")
    return number


def per_minute(name: str, default: str = "") -> int | None:
    """The requests a minute in `name`: 0 is no limit. None if it is empty."""
    given = env.str(name, default=default)
    if not given:
        return None
    if not (given.isascii() and given.isdecimal() and int(given) <= MAX_PER_MINUTE):
        raise ImproperlyConfigured(f"{name} must be a whole number from 0 (no limit) to {MAX_PER_MINUTE}.")
    return int(given)


def stored_secret(path: Path) -> str:
    """Return the secret in `path`. It is generated once and stored, so that sessions survive a restart."""
    # The folder will contain numbers, codes and the members' names
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with path.open("x") as new:
            path.chmod(0o600)
            new.write(token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()


def secrets(name: str) -> list[str]:
    """Return the comma-separated secrets in `name`. Raises `ImproperlyConfigured` if one is too short."""
    values = [value.strip() for value in env.str(name, default="").split(",") if value.strip()]
    if any(len(value) < MIN_SECRET_LENGTH for value in values):
        raise ImproperlyConfigured(f"{name}: each of them needs {MIN_SECRET_LENGTH} characters or more.")
    return values


def database(name: str) -> dict[str, Any]:
    """Return Django's settings for the database URL in `name`."""
    if not env.str(name).startswith(KNOWN_DATABASES):
        raise ImproperlyConfigured(f"{name} must be like postgres://user:password@host/name.")
    return dict(env.db(name))


def validated(name: str, default: str, validate: Callable[[str], object]) -> str:
    """Return the text in `name`. `validate` raises a `ValueError` with the reason if it is invalid."""
    text: str = env.str(name, default=default)
    try:
        validate(text)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name}: {error}.") from None
    return text
