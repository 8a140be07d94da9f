"""What is said when a form comes from elsewhere, or from a session that has ended."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Under htmx the page is loaded anew, with a token that holds; but not where that would change nothing."""
    seen = request.headers.get("Origin") or f"{request.scheme}://{request.get_host()}"
    expected = f"{settings.SITE.scheme}://{settings.SITE.netloc}"
    context = {"seen": seen, "expected": expected, "is_elsewhere": seen != expected, "reason": reason}
    if not getattr(request, "htmx", False):
        return render(request, "403_csrf.html", context, status=403)
    if seen == expected:
        return HttpResponse(status=403, headers={"HX-Refresh": "true"})
    return HttpResponse(f"SITE_URL is {expected}, and this came from {seen}.", "text/plain", 403)
