"""Whether the desk lives, and whether it can do its work. Says no more than that to anyone."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import RedisError

from orders.models import Heartbeat
from team import news


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    parts = {"database": has_database, "broker": has_broker, "worker": has_worker, "beat": has_beat}
    ready = {name: check() for name, check in parts.items()}
    return JsonResponse(ready, status=200 if all(ready.values()) else 503)


def has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # an open connection may lead to a server that has gone
    except DatabaseError:
        return False
    return True


def has_broker() -> bool:
    try:
        return bool(news.broker().ping())
    except RedisError:
        return False


def lives(*names: str) -> Callable[[], bool]:
    def check() -> bool:
        try:
            return not Heartbeat.dead(names)
        except DatabaseError:
            return False

    return check


has_worker = lives("tick", "buy")
has_beat = lives("beat")
