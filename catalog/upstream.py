"""Which LegitSMS the desk talks to: the real one once there is an API key, the sandbox until then.

The key is LEGITSMS_API_KEY, or else what an administrator entered. Every process notices a new one within a second.
"""

from datetime import datetime
from functools import lru_cache
from math import inf
from time import monotonic
from typing import NamedTuple

from django.conf import settings
from django.db import models

from legitsms import SANDBOX_KEY, Client
from team.sealing import CannotUnseal, unseal

FRESH = 1.0  # seconds in which the stored key is not read again: four ticks a second ask for it


class Upstream(models.TextChoices):
    LIVE = "live", "LegitSMS"
    SANDBOX = "sandbox", "Sandbox"


class Stored(NamedTuple):
    """What the database said of the key, and when."""

    read_at: float = -inf
    sealed: str = ""
    since: datetime | None = None


_stored = Stored()


def stored() -> Stored:
    global _stored  # noqa: PLW0603  one database, one memory of it
    if monotonic() - _stored.read_at > FRESH:
        from catalog.models import ApiKey  # noqa: PLC0415  the models ask this module whose rows they are

        _stored = Stored(monotonic(), *ApiKey.stored())
    return _stored


def forget() -> None:
    """Read the stored key anew with the next question: this process has just replaced it."""
    global _stored  # noqa: PLW0603
    _stored = Stored()


def api_key() -> str:
    """The key in force, empty without one. Raises `CannotUnseal` where it is stored and cannot be read."""
    return settings.LEGITSMS_API_KEY or (unseal(stored().sealed) if stored().sealed else "")


def current() -> Upstream:
    """Where purchases go now. Orders keep the upstream that they were bought from."""
    return Upstream.LIVE if settings.LEGITSMS_API_KEY or stored().sealed else Upstream.SANDBOX


def is_readable() -> bool:
    """Whether the key, if there is one, can be read."""
    try:
        api_key()
    except CannotUnseal:
        return False
    return True


def askable() -> list[Upstream]:
    """Those whose orders can be asked about: the real one needs a key."""
    has_key = current() == Upstream.LIVE and is_readable()
    return [Upstream.SANDBOX, Upstream.LIVE] if has_key else [Upstream.SANDBOX]


def pace(upstream: str) -> int:
    """How many times faster than life the clock of `upstream` runs."""
    return int(settings.SANDBOX_SPEED) if upstream == Upstream.SANDBOX else 1


connected = lru_cache(maxsize=4)(Client)


def client(upstream: Upstream) -> Client:
    """The one client of this process for `upstream`; its connections are shared."""
    if upstream == Upstream.LIVE:
        return connected(settings.LEGITSMS_URL, api_key())
    return connected(settings.SANDBOX_URL, SANDBOX_KEY)
