"""The diagnostics page for administrators. It contains no secret, so its text can be sent to whoever helps."""

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

from orders.models import Heartbeat, Order
from orders.models.heartbeat import DEAD_AFTER
from orders.worker import journal, recovery
from provider import upstream
from provider.models import ProviderHealth
from team import client_address, pubsub
from team.roles import ADMINISTER

PACKAGES = ("django", "celery", "kombu", "redis", "requests", "urllib3", "django-allauth")
QUEUES = ("polling", "purchasing", "catalog")
MAX_POLL_DELAY = timedelta(seconds=5)
RECENT = timedelta(days=1)
MAX_NUMBERS = 20  # shown of the numbers without an order
MAX_CLOCK_DIFFERENCE = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the page. `is_good` is None if the value is neither good nor bad."""

    name: str
    value: str
    is_good: bool | None = None


@permission_required(ADMINISTER, raise_exception=True)
@require_GET
def diagnostics(request: HttpRequest) -> HttpResponse:
    sections = {
        "Desk": list(desk_facts()),
        "Database": list(database_facts()),
        "Journal": list(journal_facts()),
        "Broker": list(broker_facts()),
        "Processes": list(process_facts()),
        "Polling": list(polling_facts()),
        "LegitSMS": list(provider_facts()),
        "This request": list(request_facts(request)),
    }
    return render(request, "diagnostics.html", {"sections": sections, "text": as_text(sections)})


def as_text(sections: dict[str, list[Fact]]) -> str:
    """Return the page as plain text to copy."""
    lines = [f"LegitSMS Desk diagnostics, {timezone.now():%Y-%m-%d %H:%M:%S} UTC"]
    for title, facts in sections.items():
        lines += ["", title]
        lines += [f"  {'! ' if fact.is_good is False else ''}{fact.name}: {fact.value}" for fact in facts]
    return "\n".join(lines)


def desk_facts() -> Iterator[Fact]:
    yield Fact("Version", settings.VERSION)
    yield Fact("Python", f"{platform.python_version()} on {platform.system()} {platform.machine()}")
    yield Fact("Packages", ", ".join(f"{name} {version(name)}" for name in PACKAGES))
    yield Fact("SITE_URL", settings.SITE_URL)


def database_facts() -> Iterator[Fact]:
    """The server, missing migrations, and the difference between its clock and ours."""
    began = monotonic()
    with connection.cursor() as cursor:
        name = "sqlite_version()" if connection.vendor == "sqlite" else "current_setting('server_version')"
        cursor.execute(f"SELECT {name}")
        server_version = cursor.fetchone()[0]
    yield Fact("Server", f"{connection.display_name} {server_version}, answered in {milliseconds(began)}")
    executor = MigrationExecutor(connection)
    missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    yield Fact("Tables", f"{missing} migrations are missing" if missing else "up to date", not missing)
    if connection.vendor != "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            yield clock_fact(cursor.fetchone()[0])


def clock_fact(database_time: datetime) -> Fact:
    difference = abs(timezone.now() - database_time)
    return Fact("Its clock and ours differ by", seconds(difference), difference < MAX_CLOCK_DIFFERENCE)


def journal_facts() -> Iterator[Fact]:
    """Whether the journal can be read, and the numbers in it that a restored database does not have."""
    is_whole = journal.is_whole(journal.journal_dir())
    problem = "one cannot be read, and nothing is bought until it can be"
    yield Fact("Files", "can be read" if is_whole else problem, is_whole)
    numbers = [record.activation_id for record in recovery.numbers_without_order()]
    shown = ", ".join(numbers[:MAX_NUMBERS])
    rest = f" and {len(numbers) - MAX_NUMBERS} more" if len(numbers) > MAX_NUMBERS else ""
    text = f"{shown}{rest} at LegitSMS, bought after the backup that was restored. Their codes are on its own site"
    yield Fact("Numbers without an order here", text if numbers else "none", not numbers)


def broker_facts() -> Iterator[Fact]:
    url = urlsplit(settings.REDIS_URL)
    yield Fact("Where", f"{url.hostname}:{url.port or 6379}" if url.hostname else "a socket in DATA_DIR")
    began = monotonic()
    try:
        info: Any = pubsub.broker().info("server")
        waiting = {queue: pubsub.broker().llen(queue) for queue in QUEUES}
    except RedisError as fault:
        yield Fact("Server", f"does not answer ({type(fault).__name__})", is_good=False)
        return
    name = info.get("server_name", "redis")
    server_version = info.get(f"{name}_version", info["redis_version"])
    yield Fact("Server", f"{name} {server_version}, answered in {milliseconds(began)}", is_good=True)
    yield Fact("Messages waiting", ", ".join(f"{queue} {count}" for queue, count in waiting.items()))


def process_facts() -> Iterator[Fact]:
    heartbeats = dict(Heartbeat.objects.values_list("name", "at"))
    for name in Heartbeat.NAMES:
        ago = timezone.now() - heartbeats[name] if name in heartbeats else None
        yield Fact(
            name, f"last sign of life {seconds(ago)} ago" if ago else "never seen", bool(ago and ago < DEAD_AFTER)
        )


def polling_facts() -> Iterator[Fact]:
    now = timezone.now()
    yield Fact("Open orders", str(Order.objects.open().count()))
    oldest = Order.objects.due(now).aggregate(Min("next_poll_at"))["next_poll_at__min"]
    delay = now - oldest if oldest else timedelta(0)
    yield Fact("Delay", f"the latest question is {seconds(delay)} late", delay < MAX_POLL_DELAY)


def provider_facts() -> Iterator[Fact]:
    current = upstream.current()
    health = ProviderHealth.for_upstream(current)
    yield Fact("Buys from", f"{current.label}, {settings.LEGITSMS_URL if current == 'live' else settings.SANDBOX_URL}")
    key = "cannot be read" if not upstream.is_readable() else "refused" if health.bad_key_since else "as it should be"
    yield Fact("Key", key, key == "as it should be")
    yield Fact("Line", *connection_state(health))
    recent = Order.objects.filter(requested_at__gte=timezone.now() - RECENT)
    statuses = recent.values_list("status").annotate(Count("pk")).order_by("status")
    yield Fact("Orders of a day", ", ".join(f"{status} {count}" for status, count in statuses) or "none")
    refused = recent.filter(status="refused").values_list("outcome")
    outcomes = refused.annotate(times=Count("pk")).order_by("-times")[:10]
    yield Fact("Refusals of a day", ", ".join(f"{outcome} {count}" for outcome, count in outcomes) or "none")


def connection_state(health: ProviderHealth) -> tuple[str, bool]:
    if health.untrusted_since:
        return f"no valid certificate since {health.untrusted_since:%H:%M:%S} UTC", False
    if health.silent_since:
        return f"silent since {health.silent_since:%H:%M:%S} UTC", False
    return "answers", True


def request_facts(request: HttpRequest) -> Iterator[Fact]:
    """What shows a wrong proxy configuration."""
    origin = f"{request.scheme}://{request.get_host()}"
    yield Fact("Your address", f"{client_address.address(request)}, behind {settings.TRUSTED_PROXIES} trusted proxies")
    yield Fact("Address of this page", f"{origin}, and SITE_URL is {settings.SITE_URL}", origin == settings.SITE_URL)
    forwarded = [name for name in ("X-Forwarded-For", "X-Forwarded-Proto", "Forwarded") if name in request.headers]
    yield Fact("Headers of proxies", ", ".join(forwarded) or "none")


def milliseconds(began: float) -> str:
    return f"{(monotonic() - began) * 1000:.0f} ms"


def seconds(span: timedelta) -> str:
    return f"{span.total_seconds():.1f} s"
