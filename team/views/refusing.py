"""What somebody is told who lacks a right."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render

WORDS = "Your role does not allow this. An administrator can change your role."


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's signature
    """A page, or the words alone where htmx asked: the page then says them, and nothing on it is replaced."""
    if getattr(request, "htmx", False):
        return HttpResponseForbidden(WORDS, content_type="text/plain; charset=utf-8")
    return render(request, "403.html", {"words": WORDS}, status=403)
