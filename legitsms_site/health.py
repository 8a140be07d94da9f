"""`/healthz`: the web process runs. `/readyz`: the desk can do its work. Both are public, and tell nothing else."""

from collections.abc import Callable

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from redis import RedisError

from orders.models import Heartbeat
from team import pubsub


@login_not_required
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


@login_not_required
@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    checks = {"database": has_database, "broker": has_broker, "worker": has_worker, "beat": has_beat}
    ready = {name: check() for name, check in checks.items()}
    return JsonResponse(ready, status=200 if all(ready.values()) else 503)


def has_database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")  # an open connection may belong to a server that is gone
    except DatabaseError:
        return False
    return True


def has_broker() -> bool:
    try:
        return bool(pubsub.broker().ping())
    except RedisError:
        return False


def heartbeat_check(*names: str) -> Callable[[], bool]:
    """Return a check that every process in `names` has a recent heartbeat."""

    def check() -> bool:
        try:
            return not Heartbeat.dead(names)
        except DatabaseError:
            return False

    return check


has_worker = heartbeat_check("polling", "purchasing")
has_beat = heartbeat_check("beat")
