"""Refuses URLs with a NUL character."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse


class NullByteMiddleware:
    """Answers 404 to a path with a NUL: PostgreSQL accepts no text with one, so a query would fail."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "\x00" in request.path_info:
            raise Http404
        return self.get_response(request)
