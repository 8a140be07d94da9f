"""The client address of a request, behind the number of proxies in TRUSTED_PROXIES."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104  for a connection without an address, like one over a Unix socket


def address(request: HttpRequest) -> str:
    """Return the address that the outermost trusted proxy saw, or else the peer address of the connection.

    Each proxy appends the address that it saw, so the client can forge everything further left.
    """
    hops, trusted = request.headers.get("X-Forwarded-For", "").split(","), settings.TRUSTED_PROXIES
    seen = hops[-trusted] if 0 < trusted <= len(hops) else ""
    return parse_address(seen) or parse_address(request.META.get("REMOTE_ADDR", "")) or UNKNOWN


def parse_address(text: str) -> str:
    """Return `text` as an IP address without the port that some proxies add. Empty if it is no address."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        return ""
