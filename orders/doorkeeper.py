"""Who may watch the live stream, which Django's middleware does not guard."""

from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest


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
    try:
        cookie = SimpleCookie(headers.get("cookie", "")).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return False
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookie.value if cookie else None)
    try:
        return bool(get_user(request).is_active)  # an anonymous user is not active
    finally:
        connection.close()
