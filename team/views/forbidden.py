"""The response to a user who lacks a permission."""

from django.http import HttpRequest, HttpResponse, HttpResponseForbidden
from django.shortcuts import render

MESSAGE = "Your role does not allow this. An administrator can change your role."


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's signature
    """Return a page, or plain text for htmx: the open page then shows that text and replaces nothing."""
    if getattr(request, "htmx", False):
        return HttpResponseForbidden(MESSAGE, content_type="text/plain; charset=utf-8")
    return render(request, "403.html", {"message": MESSAGE}, status=403)
