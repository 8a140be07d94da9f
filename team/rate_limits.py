"""The response to too many sign-in attempts. Allauth counts them, by ACCOUNT_RATE_LIMITS."""

import math
import time
from typing import NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

ACTION = {"app": "allauth.account", "action": "login_failed"}


def too_many_requests(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    """Return a 429 response. A minute is the period of allauth's other limits."""
    response = render(request, "429.html", {"minutes": math.ceil(seconds / 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response


def refuse(request: HttpRequest, key: str) -> NoReturn:
    """End this request: too many sign-ins failed, for the account with `key` or from this address."""
    raise ImmediateHttpResponse(too_many_requests(request, seconds_left(request, key)))


def seconds_left(request: HttpRequest, key: str) -> int:
    """Return the seconds until an attempt is allowed again, at least 1."""
    left = 1
    for rate in ratelimit.get_rates(**ACTION):
        attempts = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **ACTION), [])
        if len(attempts) >= rate.amount:
            left = max(left, math.ceil(attempts[-1] + rate.duration - time.time()))
    return left
