"""What an administrator looks at, or sends to whoever helps, when something is wrong. Holds no secret."""

import platform
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from time import monotonic
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from redis import RedisError

from catalog import upstream
from orders import journal, recovery
from orders.models import Heartbeat, Order, Weather
from orders.models.heartbeat import DEAD_AFTER
from team import news, visitors
from team.roles import ADMINISTER

PACKAGES = ("django", "celery", "kombu", "redis", "requests", "urllib3", "django-allauth")
QUEUES = ("tick", "buy", "slow")
LATE = timedelta(seconds=5)
LATELY = timedelta(days=1)
SOME = 20
CLOCKS_APART = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page. `is_good` None says nothing about it."""

    name: str
    told: str
    is_good: bool | None = None


@permission_required(ADMINISTER, raise_exception=True)
@require_GET
def diagnostics(request: HttpRequest) -> HttpResponse:
    parts = {
        "Desk": list(desk()),
        "Database": list(database()),
        "Journal": list(kept()),
        "Broker": list(broker()),
        "Processes": list(processes()),
        "Polling": list(polling()),
        "LegitSMS": list(legitsms()),
        "This request": list(as_seen(request)),
    }
    return render(request, "diagnostics.html", {"parts": parts, "text": as_text(parts)})


def as_text(parts: dict[str, list[Fact]]) -> str:
    """What is copied for whoever helps."""
    said = [f"LegitSMS Desk diagnostics, {timezone.now():%Y-%m-%d %H:%M:%S} UTC"]
    for title, facts in parts.items():
        said += ["", title]
        said += [f"  {'! ' if fact.is_good is False else ''}{fact.name}: {fact.told}" for fact in facts]
    return "\n".join(said)


def desk() -> Iterator[Fact]:
    yield Fact("Version", settings.VERSION)
    yield Fact("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Fact("Packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    yield Fact("SITE_URL", settings.SITE_URL)


def database() -> Iterator[Fact]:
    """Which one, whether its tables are of this version, and whether its clock is ours."""
    began = monotonic()
    with connection.cursor() as cursor:
        name = "sqlite_version()" if connection.vendor == "sqlite" else "current_setting('server_version')"
        cursor.execute(f"SELECT {name}")
        release = cursor.fetchone()[0]
    yield Fact("Server", f"{connection.display_name} {release}, answered in {milliseconds(began)}")
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Fact("Tables", f"{missing} migrations are missing" if missing else "up to date", not missing)
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            yield clocks(cursor.fetchone()[0])


def clocks(theirs: datetime) -> Fact:
    apart = abs(timezone.now() - theirs)
    return Fact("Its clock and ours differ by", f"{apart.total_seconds():.1f} s", apart < CLOCKS_APART)


def kept() -> Iterator[Fact]:
    """Whether the journal can be read, and what it knows of that the database, once restored, does not."""
    is_whole = journal.is_whole(journal.home())
    trouble = "one cannot be read, and nothing is bought until it can be"
    yield Fact("Files", "can be read" if is_whole else trouble, is_whole)
    numbers = [entry.activation_id for entry in recovery.without_order()]
    some = ", ".join(numbers[:SOME]) + (f" and {len(numbers) - SOME} more" if len(numbers) > SOME else "")
    told = f"{some} at LegitSMS, bought after the backup that was restored. Their codes are on its own site"
    yield Fact("Numbers without an order here", told if numbers else "none", not numbers)


def broker() -> Iterator[Fact]:
    url = urlsplit(settings.REDIS_URL)
    yield Fact("Where", f"{url.hostname}:{url.port or 6379}" if url.hostname else "a socket in DATA_DIR")
    began = monotonic()
    try:
        info: Any = news.broker().info("server")
        waiting = {queue: news.broker().llen(queue) for queue in QUEUES}
    except RedisError as fault:
        yield Fact("Server", f"does not answer ({type(fault).__name__})", is_good=False)
        return
    name = info.get("server_name", "redis")
    release = info.get(f"{name}_version", info["redis_version"])
    yield Fact("Server", f"{name} {release}, answered in {milliseconds(began)}", is_good=True)
    yield Fact("Messages waiting", ", ".join(f"{queue} {count}" for queue, count in waiting.items()))


def processes() -> Iterator[Fact]:
    beats = dict(Heartbeat.objects.values_list("name", "at"))
    for name in Heartbeat.NAMES:
        ago = timezone.now() - beats[name] if name in beats else None
        yield Fact(
            name, f"last sign of life {seconds(ago)} ago" if ago else "never seen", bool(ago and ago < DEAD_AFTER)
        )


def polling() -> Iterator[Fact]:
    now = timezone.now()
    yield Fact("Open orders", str(Order.objects.open().count()))
    oldest = Order.objects.due(now).aggregate(Min("next_poll_at"))["next_poll_at__min"]
    late = now - oldest if oldest else timedelta(0)
    yield Fact("Delay", f"the latest question is {seconds(late)} late", late < LATE)


def legitsms() -> Iterator[Fact]:
    known, now = upstream.current(), timezone.now()
    weather = Weather.of(known)
    yield Fact("Buys from", f"{known.label}, {settings.LEGITSMS_URL if known == 'live' else settings.SANDBOX_URL}")
    key = "cannot be read" if not upstream.is_readable() else "refused" if weather.bad_key_since else "as it should be"
    yield Fact("Key", key, key == "as it should be")
    yield Fact("Line", *line(weather))
    lately = Order.objects.filter(requested_at__gte=now - LATELY)
    ends = lately.values_list("status").annotate(Count("pk")).order_by("status")
    yield Fact("Orders of a day", ", ".join(f"{status} {count}" for status, count in ends) or "none")
    refused = lately.filter(status="refused").values_list("outcome")
    words = refused.annotate(times=Count("pk")).order_by("-times")[:10]
    yield Fact("Refusals of a day", ", ".join(f"{word} {count}" for word, count in words) or "none")


def line(weather: Weather) -> tuple[str, bool]:
    if weather.untrusted_since:
        return f"no valid certificate since {weather.untrusted_since:%H:%M:%S} UTC", False
    if weather.silent_since:
        return f"silent since {weather.silent_since:%H:%M:%S} UTC", False
    return "answers", True


def as_seen(request: HttpRequest) -> Iterator[Fact]:
    """What a wrong proxy set-up shows in."""
    origin = f"{request.scheme}://{request.get_host()}"
    yield Fact("Your address", f"{visitors.address(request)}, behind {settings.TRUSTED_PROXIES} trusted proxies")
    yield Fact("Address of this page", f"{origin}, and SITE_URL is {settings.SITE_URL}", origin == settings.SITE_URL)
    forwarded = [name for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded") if name in request.headers]
    yield Fact("Headers of proxies", ", ".join(forwarded) or "none")


def milliseconds(began: float) -> str:
    return f"{(monotonic() - began) * 1000:.0f} ms"


def seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"
