"""Recognises answers that refuse a request because of a rate limit, and parses `Retry-After`. Pure functions.

They are the HTTP statuses 429 and 503 with `Retry-After`, and HTML pages such as Cloudflare's error 1015.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from legitsms.exceptions import RateLimited, TooManyRequests, UncertainRateLimit

if TYPE_CHECKING:
    from collections.abc import Mapping

TOO_MANY_REQUESTS = 429
SERVICE_UNAVAILABLE = 503
PAGE_STATUSES = {403, TOO_MANY_REQUESTS, SERVICE_UNAVAILABLE}  # that a rate-limit page may have
# Cloudflare sends its errors as plain text to clients that do not accept HTML.
PAGE = re.compile(
    r"\s*(?:error code: 1015\s*\Z|<.*(?:too\s+many\s+requests|rate[\s-]?limit|error(?:\s+code:?)?\s+1015))",
    re.IGNORECASE | re.DOTALL,
)
SUCCESS = re.compile(r"ACCESS_NUMBER|ACCESS_CANCEL|ACCESS_ACTIVATION|STATUS_OK")
SECONDS = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def rate_limit(status: int, headers: Mapping[str, str], excerpt: str) -> RateLimited | None:
    """Return the exception for an answer that says that a rate limit was exceeded; None for any other answer.

    `headers` ignores the case of its keys. `excerpt` is the beginning of the body, with the key masked.
    RFC 6585 says of 429 that the request was not served. No RFC says so of 503 or of a page with another status: the
    call may have taken effect. The same holds for a 429 whose body is a success of the protocol.
    """
    is_unavailable = status == SERVICE_UNAVAILABLE and "Retry-After" in headers
    is_page = status in PAGE_STATUSES and PAGE.match(excerpt)
    if not (status == TOO_MANY_REQUESTS or is_unavailable or is_page):
        return None
    is_refused = status == TOO_MANY_REQUESTS and not SUCCESS.search(excerpt)
    kind = TooManyRequests if is_refused else UncertainRateLimit
    return kind(f"HTTP {status}", excerpt, parse_retry_after(headers.get("Retry-After", ""), headers.get("Date", "")))


def parse_retry_after(value: str, sent_at: str = "") -> timedelta | None:
    """Return the wait that a `Retry-After` header asks for: a number of seconds, or an HTTP date.

    A date is compared with the answer's own `Date` header, `sent_at`, so that wrong clocks do not matter; without one,
    with this machine's clock. A number that is too large becomes `timedelta.max`. Everything else, a date in the past
    included, becomes None. Never raises.
    """
    value = value.strip()
    if SECONDS.fullmatch(value):
        try:
            return timedelta(seconds=float(value))
        except OverflowError:
            return timedelta.max
    if (until := _http_date(value)) is None:
        return None
    wait = until - (_http_date(sent_at) or datetime.now(UTC))
    return wait if wait >= timedelta(0) else None


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=UTC)
