"""The two upstreams that an order can be bought from."""

from django.conf import settings
from django.db import models


class Upstream(models.TextChoices):
    LIVE = "live", "LegitSMS"
    SANDBOX = "sandbox", "Sandbox"


def clock_speed(upstream: str) -> int:
    """How many times faster than real time the clock of `upstream` runs."""
    return int(settings.SANDBOX_SPEED) if upstream == Upstream.SANDBOX else 1
