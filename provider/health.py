"""Records what the answers of LegitSMS say about the key, the wallet and the connection.

Every change makes the open pages fetch their banner again.
"""

from collections.abc import Callable
from datetime import datetime

from django.utils import timezone

import legitsms
from legitsms import LegitSMSError
from provider.models import ProviderHealth
from team import pubsub

# Problems that any answer proves to be over
REACHED: dict[str, datetime | None] = {"silent_since": None, "untrusted_since": None}
ANSWERED: dict[str, datetime | None] = REACHED | {"bad_key_since": None}


def record_health(upstream: str, fault: LegitSMSError | None, has_recent_answers: Callable[[], bool]) -> None:
    """Record what the last request shows: the `fault` that it ended with, or None for a good answer.

    `has_recent_answers` tells whether other requests were answered lately: one failed request is no outage then.
    """
    now = timezone.now()
    match fault:
        case legitsms.RateLimited():  # an answer that says nothing about the key
            health = REACHED
        case legitsms.BadKey():
            health = ANSWERED | {"bad_key_since": now}
        case legitsms.NoBalance():
            health = ANSWERED | {"no_balance_since": now}
        case legitsms.NotSent(kind="certificate"):
            health = {"untrusted_since": now}
        case legitsms.NotSent() | legitsms.Uncertain() if has_recent_answers():
            return
        case legitsms.NotSent() | legitsms.Uncertain():
            health = {"silent_since": now}
        case _:
            health = ANSWERED
    stored = ProviderHealth.for_upstream(upstream)
    changed = {name: at for name, at in health.items() if (getattr(stored, name) is None) != (at is None)}
    if changed:
        mark(upstream, **changed)


def mark(upstream: str, **since: datetime | None) -> None:
    """Record since when each named problem exists (None: it is over). A change makes open pages fetch their banner."""
    if ProviderHealth.mark(upstream, **since):
        pubsub.publish({"event": "banner"})
