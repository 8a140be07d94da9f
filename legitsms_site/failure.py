"""What people are told when a page fails: where the database does not answer, that nothing was bought."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.defaults import server_error


def failed(request: HttpRequest) -> HttpResponse:
    """Answer a request whose fault is still at hand, without asking the database for anything."""
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})
    return server_error(request)
