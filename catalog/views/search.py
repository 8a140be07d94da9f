"""What the two comboboxes of the purchase form ask for. Everything comes from our own database."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog import offers, search
from catalog.models import Brand, Favourite


def typed(request: HttpRequest, *fields: str) -> str:
    """The first of `fields` in which something stands, without the NUL that PostgreSQL refuses."""
    texts = (request.GET.get(field, "").replace("\0", "").strip() for field in fields)
    return next(filter(None, texts), "")[:100]


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    mine = set(Favourite.objects.filter(member=request.user.pk).values_list("brand__key", flat=True))
    return options(request, search.brands(typed(request, "q", "service_text"), mine), mine)


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    mine = set(Favourite.objects.filter(member=request.user.pk).values_list("place__key", flat=True))
    key = typed(request, "service")
    brand = Brand.objects.filter(key=key).first() if key else None
    sold = offers.sold_in(brand) if brand else None
    return options(request, search.places(typed(request, "q", "country_text"), mine, sold), mine)


def options(request: HttpRequest, found: search.Results, mine: set[str]) -> HttpResponse:
    """The content of a combobox's list, what the member marked before the rest of its kind."""
    marked = [replace(option, is_favourite=option.key in mine) for option in found.options]
    context = {"options": marked, "total": found.total, "near": found.near}
    return render(request, "catalog/_options.html", context)
