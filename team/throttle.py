"""Who tries too often is told when to come back. What was tried is counted by allauth, as ACCOUNT_RATE_LIMITS says."""

import math
import time
from typing import NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

ACTION = {"app": "allauth.account", "action": "login_failed"}


def too_many(request: HttpRequest, seconds: int = 60) -> HttpResponse:
    """The answer to an attempt too many; a minute is what allauth's other limits look back on."""
    answer = render(request, "429.html", {"minutes": math.ceil(seconds / 60)}, status=429)
    answer["Retry-After"] = str(seconds)
    return answer


def refuse(request: HttpRequest, key: str) -> NoReturn:
    """End this request, because too many sign-ins of the account that `key` stands for, or from its address, failed."""
    raise ImmediateHttpResponse(too_many(request, seconds_left(request, key)))


def seconds_left(request: HttpRequest, key: str) -> int:
    """How long until an attempt would be let through again. At least 1."""
    left = 1
    for rate in ratelimit.get_rates(**ACTION):
        tries = cache.get(ratelimit.get_cache_key(request, rate=rate, key=key, **ACTION), [])
        if len(tries) >= rate.amount:
            left = max(left, math.ceil(tries[-1] + rate.duration - time.time()))
    return left
