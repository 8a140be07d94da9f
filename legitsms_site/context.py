"""What every page knows."""

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from catalog import upstream


def desk(_request: HttpRequest) -> dict[str, object]:
    return {
        "instance_name": settings.SITE.hostname,
        "is_sandbox": upstream.current() == upstream.Upstream.SANDBOX,
        "version": settings.VERSION,
        "now": timezone.now(),
    }
