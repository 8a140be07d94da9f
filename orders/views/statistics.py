"""The statistics of a period."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django_htmx.http import push_url

from catalog.models import Server
from orders.reports import charts
from orders.reports.periods import Period
from orders.reports.statistics import Statistics
from orders.views.banner import current_banner

USUAL = Period.MONTH


@require_GET
def statistics(request: HttpRequest) -> HttpResponse:
    asked = request.GET.get("period", USUAL)
    period = Period(asked) if asked in Period.values else USUAL
    report = Statistics(period)
    context = {
        "report": report,
        "timeline": charts.timeline(report.statuses, report.since, report.until, timezone.now().date()),
        "groups": [(kind, label) for kind, (label, _) in charts.GROUPS.items()],
        "servers": Server.values,
        "period": period,
        "periods": Period.choices,
    }
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        address = request.path if period == USUAL else f"{request.path}?period={period}"
        return push_url(render(request, "orders/_statistics.html", context), address)
    return render(request, "orders/statistics.html", context | {"banner": current_banner()})
