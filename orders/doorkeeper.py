"""Who may watch the live stream, which Django's middleware does not guard, and which of the cards."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, parse_cookie

from orders.audiences import Visitor
from team import second_factor


def headers(scope: dict[str, Any]) -> dict[str, str]:
    return {name.decode("latin-1"): text.decode("latin-1") for name, text in scope["headers"]}


def is_our_host(headers: dict[str, str]) -> bool:
    request = HttpRequest()
    request.META = {"HTTP_HOST": headers.get("host", ""), "SERVER_NAME": "", "SERVER_PORT": ""}
    try:
        request.get_host()
    except DisallowedHost:
        return False
    return True


def visitor(headers: dict[str, str]) -> Visitor | None:
    """Whose session these headers belong to, and what they may do now; None for nobody who may look.

    Leaves no database connection open.
    """
    cookies = parse_cookie(headers.get("cookie", ""))  # as Django's pages read them, whatever else stands in there
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    try:
        user = get_user(request)
        return None if second_factor.is_missing(user) else Visitor.of(user)
    finally:
        connection.close()
