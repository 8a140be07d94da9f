"""The response to a failed CSRF check: the form came from another site, or its session has ended."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Return an error page. For htmx, reload the page to get a valid token, unless its origin is not SITE_URL."""
    seen = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    expected = f"{settings.SITE.scheme}://{settings.SITE.netloc}"
    context = {"seen": seen, "expected": expected, "is_elsewhere": seen != expected, "reason": reason}
    if not getattr(request, "htmx", False):
        return render(request, "403_csrf.html", context, status=403)
    if seen == expected:
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    return HttpResponse(f"SITE_URL is {expected}, and this came from {seen}.", "text/plain", 403)
