"""The catalogue-health page: every member may look, buyers refresh, administrators decide."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from catalog import health, joins, upstream
from catalog.models import Brand, Decision, Listing, Service, Suggestion

SHOWN = 30
BUY, ADMINISTER = "team.buy", "team.administer"  # rights, which a room below the team's knows by name only


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return show(request)


@require_POST
@permission_required(BUY, raise_exception=True)
def refresh(request: HttpRequest) -> HttpResponse:
    health.want_refresh()
    return show(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator says whether two names mean the same."""
    suggestion = get_object_or_404(Suggestion.objects.select_related("service", "brand"), pk=pk)
    verdict = request.POST.get("verdict", "")
    if verdict in Decision.Verdict.values:
        joins.decide(suggestion.service, suggestion.brand, verdict, request.user)
    return show(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    health.accept(get_object_or_404(Listing, pk=pk, held_rows__isnull=False))
    return show(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def part(request: HttpRequest) -> HttpResponse:
    """An administrator says that an entry of a server's list is not the brand that it was joined to."""
    keys = {name: request.POST.get(name, "").replace("\0", "") for name in ("server", "code", "brand")}
    known = Service.objects.filter(upstream=upstream.current(), code=keys["code"], brands__key=keys["brand"])
    service = get_object_or_404(known, server=keys["server"] if keys["server"].isdecimal() else 0)
    brand = get_object_or_404(Brand, key=keys["brand"])
    joins.decide(service, brand, Decision.Verdict.DIFFERENT, request.user)
    return HttpResponseClientRefresh() if request.htmx else redirect("orders:buy")  # type: ignore[attr-defined]


def show(request: HttpRequest) -> HttpResponse:
    is_fragment = request.htmx  # type: ignore[attr-defined]
    if request.method == "POST" and not is_fragment:
        return redirect("catalog:health")
    waiting = Suggestion.objects.select_related("service", "brand")
    context = {
        "servers": health.servers(),
        "suggestions": waiting[:SHOWN],
        "suggestions_total": waiting.count(),
        "is_refreshing": health.is_refreshing(),
        "can_decide": request.user.has_perm(ADMINISTER),
        **health.joined(),
    }
    return render(request, "catalog/_health.html" if is_fragment else "catalog/health.html", context)
