"""The URL of the API and the API key: where the key may be sent, and how it is masked in text."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus, urlencode

if TYPE_CHECKING:
    from collections.abc import Mapping

# Excludes user names, queries, fragments, percent signs, backslashes and non-ASCII letters: two parsers could read
# those differently, and then the key would be sent to another host than the one that was checked.
URL = re.compile(r"(https?)://([0-9A-Za-z.-]+|\[::1\])(?::([0-9]{1,5}))?(?:/[0-9A-Za-z._~/-]*)?")
HOST = "legitsms.com"
SANDBOX_KEY = "sandbox"  # not a secret, so it may be sent over plain HTTP to a sandbox in another container
MASK = "•••"
SHORTEST_SECRET = 8  # characters; a shorter key could occur in an answer by chance, and masking would corrupt it


def check_url(url: str, *, is_secret: bool = True) -> str:
    """Return `url` if the key may be sent there; else raise `ValueError`.

    A secret key may be sent to LegitSMS over HTTPS, or to this machine; a key that is not secret to any host.
    """
    if not (found := URL.fullmatch(url)):
        raise ValueError("the URL of the API is not a plain http(s)://host/path")
    scheme, host, port = found[1], found[2].lower(), found[3]
    if is_loopback(host) or not is_secret:
        if port is not None and not 0 < int(port) < 65536:  # noqa: PLR2004 - the range of TCP ports
            raise ValueError("the URL of the API has no usable port")
        return url
    if scheme != "https":
        raise ValueError("the URL of the API must be https; http is for this machine's own addresses only")
    if (host != HOST and not host.endswith(f".{HOST}")) or port not in {None, "443"}:
        raise ValueError(f"the URL of the API must lead to {HOST}, port 443, or to this machine")
    return url


def is_loopback(host: str) -> bool:
    """Whether the host of a URL is spelled localhost, 127.x.y.z or [::1]."""
    if host in {"localhost", "[::1]"}:
        return True
    try:
        return ipaddress.IPv4Address(host).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The API's URL and the API key. Only `address` reveals the key; `repr` does not."""

    url: str
    key: str = field(repr=False)

    def __post_init__(self) -> None:
        check_url(self.url, is_secret=self.key != SANDBOX_KEY)
        if not self.key.isascii() or not self.key.isprintable() or not self.key.strip():
            raise ValueError("the API key is empty, or holds characters that no key has")

    def address(self, params: Mapping[str, str]) -> str:
        """Return the URL of a call. It contains the key: never log it, never put it into an exception."""
        return f"{self.url}?{urlencode({'api_key': self.key, **params})}"

    def mask(self, text: str) -> str:
        """Return `text` with the key masked, both verbatim and URL-encoded."""
        if len(self.key) >= SHORTEST_SECRET:
            for spelling in {self.key, quote(self.key, safe=""), quote_plus(self.key)}:
                text = text.replace(spelling, MASK)
        return text
