"""Authenticates stream connections: Django's middleware does not run for `/events/`."""

from importlib import import_module
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest, parse_cookie

from orders.permissions import Viewer
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


def viewer(headers: dict[str, str]) -> Viewer | None:
    """The member of these headers' session, with the permissions of this moment; None for who may not watch.

    Leaves no database connection open.
    """
    cookies = parse_cookie(headers.get("cookie", ""))  # as Django reads them, whatever else is in there
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
    try:
        user = get_user(request)
        return None if second_factor.is_missing(user) else Viewer.of(user)
    finally:
        connection.close()
