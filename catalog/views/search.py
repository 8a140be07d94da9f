"""What the two comboboxes of the purchase form ask for. Everything comes from our own database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog import search


def typed(request: HttpRequest, *fields: str) -> str:
    """The first of `fields` in which something stands, without the NUL that PostgreSQL refuses."""
    texts = (request.GET.get(field, "").replace("\0", "").strip() for field in fields)
    return next(filter(None, texts), "")[:100]


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    return options(request, search.brands(typed(request, "q", "service_text")))


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    return options(request, search.places(typed(request, "q", "country_text")))


def options(request: HttpRequest, found: search.Results) -> HttpResponse:
    context = {"options": found.options, "total": found.total, "near": found.near}
    return render(request, "catalog/_options.html", context)
