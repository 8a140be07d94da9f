"""Who may watch the live stream, which Django's middleware does not guard."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, parse_cookie

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


def may_watch(headers: dict[str, str]) -> bool:
    """Whether the session of these headers belongs to an active member now. Leaves no database connection open."""
    cookies = parse_cookie(headers.get("cookie", ""))  # as Django's pages read them, whatever else stands in there
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    try:
        user = get_user(request)
        return user.is_active and not second_factor.is_missing(user)  # an anonymous user is not active
    finally:
        connection.close()
