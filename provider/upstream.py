"""Which LegitSMS is used: the real one once there is an API key, the sandbox until then.

The key is LEGITSMS_API_KEY, or else what an administrator entered. Every process notices a new one within a second.
"""

from datetime import datetime
from functools import lru_cache
from math import inf
from time import monotonic
from typing import NamedTuple

from django.conf import settings

from legitsms import SANDBOX_KEY, Client
from provider.choices import Upstream
from provider.models import ApiKey
from provider.paced_client import PacedClient, Priority
from team.encryption import DecryptionFailed, decrypt

CACHED_FOR = 1.0  # seconds; polling needs the key four times a second


class Stored(NamedTuple):
    """The key as it is stored in the database, and when it was read (in `monotonic` seconds)."""

    read_at: float = -inf
    encrypted_key: str = ""
    since: datetime | None = None


_stored = Stored()


def stored() -> Stored:
    """Return the stored key, read from the database at most once a second."""
    global _stored  # noqa: PLW0603  a cache of one row
    if monotonic() - _stored.read_at > CACHED_FOR:
        _stored = Stored(monotonic(), *ApiKey.stored())
    return _stored


def clear_cache() -> None:
    """Forget the cached key. Call it in the process that has just replaced the key."""
    global _stored  # noqa: PLW0603
    _stored = Stored()


def api_key() -> str:
    """Return the key in force, empty if there is none.

    Raises `DecryptionFailed` if it is stored and cannot be decrypted.
    """
    return settings.LEGITSMS_API_KEY or (decrypt(stored().encrypted_key) if stored().encrypted_key else "")


def current() -> Upstream:
    """Return where purchases are sent now. Each order keeps the upstream that it was bought from."""
    return Upstream.LIVE if settings.LEGITSMS_API_KEY or stored().encrypted_key else Upstream.SANDBOX


def is_readable() -> bool:
    """Whether the stored key can be decrypted. True if there is none."""
    try:
        api_key()
    except DecryptionFailed:
        return False
    return True


def usable() -> list[Upstream]:
    """Return the upstreams to which requests can be sent: the real one needs a key that can be decrypted."""
    has_key = current() == Upstream.LIVE and is_readable()
    return [Upstream.SANDBOX, Upstream.LIVE] if has_key else [Upstream.SANDBOX]


_cached_client = lru_cache(maxsize=4)(Client)  # by URL and key: a new key gets a new client


def client(upstream: Upstream, priority: Priority = Priority.MONEY) -> PacedClient:
    """Return a client for the requests of one task to `upstream`, each of which takes a slot of the budget."""
    is_live = upstream == Upstream.LIVE
    url, key = (settings.LEGITSMS_URL, api_key()) if is_live else (settings.SANDBOX_URL, SANDBOX_KEY)
    return PacedClient(upstream, _cached_client(url, key), priority)
