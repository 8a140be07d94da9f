"""What the environment may say. A wrong value stops the start with one line that names it."""

import secrets
from pathlib import Path
from typing import Any

import environ
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

env: Any = environ.FileAwareEnv()  # NAME, or the content of the file that NAME_FILE points to
if (dotenv := BASE_DIR / ".env").is_file():
    env.read_env(dotenv)


def positive(name: str, default: int) -> int:
    """The whole number in `name`, which must be 1 or more."""
    try:
        number = int(env.str(name, default=str(default)))
    except ValueError:
        number = 0
    if number < 1:
        raise ImproperlyConfigured(f"{name} must be a whole number of 1 or more.")
    return number


def kept_secret(path: Path) -> str:
    """The secret in `path`, made on first use, so that sessions outlive a restart."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with path.open("x") as new:
            path.chmod(0o600)
            new.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text().strip()
