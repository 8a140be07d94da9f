"""Where a request comes from, behind as many proxies as TRUSTED_PROXIES says."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  a connection without an address, like one over a Unix socket


def address(request: HttpRequest) -> str:
    """The address that the outermost trusted proxy saw, or else the one at the other end of the connection.

    Each proxy adds the address that it saw at the right, so everything further left may be made up by the visitor.
    """
    hops, trusted = request.headers.get("X-Forwarded-For", "").split(","), settings.TRUSTED_PROXIES
    seen = hops[-trusted] if 0 < trusted <= len(hops) else ""
    return valid(seen) or valid(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def valid(text: str) -> str:
    """`text` as an address, without the port that some proxies add; empty if it is none."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
