"""The statistics of a period."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from catalog.models import Server
from orders import charts
from orders.periods import Period
from orders.statistics import Statistics
from orders.views.board import current_banner

USUAL = Period.MONTH


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("period", USUAL)
    period = Period(asked) if asked in Period.values else USUAL
    told = Statistics(period)
    context = {
        "told": told,
        "timeline": charts.timeline(told.statuses, told.since, told.until, timezone.now().date()),
        "groups": [(kind, label) for kind, (label, _) in charts.GROUPS.items()],
        "servers": Server.values,
        "period": period,
        "periods": Period.choices,
    }
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        address = request.path if period == USUAL else f"{request.path}?period={period}"
        return push_url(render(request, "orders/_statistics.html", context), address)
    return render(request, "orders/statistics.html", context | {"banner": current_banner()})
