"""Which LegitSMS the desk talks to: the real one once there is an API key, the sandbox until then."""

from functools import cache

from django.conf import settings
from django.db import models

from legitsms import SANDBOX_KEY, Client


class Upstream(models.TextChoices):
    LIVE = "live", "LegitSMS"
    SANDBOX = "sandbox", "Sandbox"


def current() -> Upstream:
    """Where purchases go now. Orders keep the upstream that they were bought from."""
    return Upstream.LIVE if settings.LEGITSMS_API_KEY else Upstream.SANDBOX


def askable() -> list[Upstream]:
    """Those whose orders can be asked about: the real one needs a key."""
    return [Upstream.SANDBOX, Upstream.LIVE] if settings.LEGITSMS_API_KEY else [Upstream.SANDBOX]


@cache
def client(upstream: Upstream) -> Client:
    """The one client of this process for `upstream`; its connections are shared."""
    if upstream == Upstream.LIVE:
        return Client(settings.LEGITSMS_URL, settings.LEGITSMS_API_KEY)
    return Client(settings.SANDBOX_URL, SANDBOX_KEY)
