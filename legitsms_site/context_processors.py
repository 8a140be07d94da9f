"""Template variables of every page."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from provider import upstream
from provider.choices import Upstream


def desk(_request: HttpRequest) -> dict[str, object]:
    return {
        "instance_name": settings.SITE.hostname,
        "is_sandbox": upstream.current() == Upstream.SANDBOX,
        "version": settings.VERSION,
        "now": timezone.now(),
    }
