"""The catalogue-health page: anyone may look and refresh, administrators decide."""

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from catalog import health, joins, upstream
from catalog.models import Brand, Decision, Listing, Service, Suggestion

SHOWN = 30


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return show(request)


@require_POST
def refresh(request: HttpRequest) -> HttpResponse:
    health.want_refresh()
    return show(request)


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """An administrator says whether two names mean the same."""
    must_administer(request)
    suggestion = get_object_or_404(Suggestion.objects.select_related("service", "brand"), pk=pk)
    verdict = request.POST.get("verdict", "")
    if verdict in Decision.Verdict.values:
        joins.decide(suggestion.service, suggestion.brand, verdict, request.user)
    return show(request)


@require_POST
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    must_administer(request)
    health.accept(get_object_or_404(Listing, pk=pk, held_rows__isnull=False))
    return show(request)


@require_POST
def part(request: HttpRequest) -> HttpResponse:
    """An administrator says that an entry of a server's list is not the brand that it was joined to."""
    must_administer(request)
    keys = {name: request.POST.get(name, "").replace("\0", "") for name in ("server", "code", "brand")}
    known = Service.objects.filter(upstream=upstream.current(), code=keys["code"], brands__key=keys["brand"])
    service = get_object_or_404(known, server=keys["server"] if keys["server"].isdecimal() else 0)
    brand = get_object_or_404(Brand, key=keys["brand"])
    joins.decide(service, brand, Decision.Verdict.DIFFERENT, request.user)
    return HttpResponseClientRefresh() if request.htmx else redirect("orders:buy")  # type: ignore[attr-defined]


def must_administer(request: HttpRequest) -> None:
    if not request.user.is_superuser:
        raise PermissionDenied


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
        "can_decide": request.user.is_superuser,
        **health.joined(),
    }
    return render(request, "catalog/_health.html" if is_fragment else "catalog/health.html", context)
