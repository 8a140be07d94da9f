"""The status page of the catalogue. Every member can see it, buyers refresh, administrators decide."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from catalog import status
from catalog.matching import matches
from catalog.models import Brand, Decision, Listing, Service, Suggestion
from provider import upstream
from team.roles import ADMINISTER, BUY

MAX_SUGGESTIONS = 30  # on the page


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    return render_status(request)


@require_POST
@permission_required(BUY, raise_exception=True)
def refresh(request: HttpRequest) -> HttpResponse:
    status.request_refresh()
    return render_status(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Store an administrator's decision whether two names mean the same."""
    suggestion = get_object_or_404(Suggestion.objects.select_related("service", "brand"), pk=pk)
    verdict = request.POST.get("verdict", "")
    if verdict in Decision.Verdict.values:
        matches.decide(suggestion.service, suggestion.brand, verdict, request.user)
    return render_status(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    status.accept_short_list(get_object_or_404(Listing, pk=pk, held_rows__isnull=False))
    return render_status(request)


@require_POST
@permission_required(ADMINISTER, raise_exception=True)
def reject_match(request: HttpRequest) -> HttpResponse:
    """Store an administrator's decision that an entry does not mean the brand to which it was matched."""
    keys = {name: request.POST.get(name, "").replace("\0", "") for name in ("server", "code", "brand")}
    services = Service.objects.filter(upstream=upstream.current(), code=keys["code"], brands__key=keys["brand"])
    service = get_object_or_404(services, server=keys["server"] if keys["server"].isdecimal() else 0)
    brand = get_object_or_404(Brand, key=keys["brand"])
    matches.decide(service, brand, Decision.Verdict.DIFFERENT, request.user)
    return HttpResponseClientRefresh() if request.htmx else redirect("orders:buy")  # type: ignore[attr-defined]


def render_status(request: HttpRequest) -> HttpResponse:
    is_fragment = request.htmx  # type: ignore[attr-defined]
    if request.method == "POST" and not is_fragment:
        return redirect("catalog:status")
    suggestions = Suggestion.objects.select_related("service", "brand")
    context = {
        "servers": status.server_statuses(),
        "suggestions": suggestions[:MAX_SUGGESTIONS],
        "suggestions_total": suggestions.count(),
        "is_refreshing": status.is_refreshing(),
        "can_decide": request.user.has_perm(ADMINISTER),
        **status.match_counts(),
    }
    return render(request, "catalog/_status.html" if is_fragment else "catalog/status.html", context)
