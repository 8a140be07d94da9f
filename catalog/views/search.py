"""The options of the two comboboxes in the purchase form."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog import offers, search
from catalog.models import Brand, Favourite


def query_text(request: HttpRequest, *fields: str) -> str:
    """Return the first of `fields` that is not empty, without NUL characters, which PostgreSQL refuses."""
    texts = (request.GET.get(field, "").replace("\0", "").strip() for field in fields)
    return next(filter(None, texts), "")[:100]


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    favourites = set(Favourite.objects.filter(member=request.user.pk).values_list("brand__key", flat=True))
    return render_options(request, search.brands(query_text(request, "q", "service_text"), favourites), favourites)


@require_GET
def places(request: HttpRequest) -> HttpResponse:
    favourites = set(Favourite.objects.filter(member=request.user.pk).values_list("place__key", flat=True))
    key = query_text(request, "service")
    brand = Brand.objects.filter(key=key).first() if key else None
    sold = offers.servers_by_place(brand) if brand else None
    return render_options(
        request, search.places(query_text(request, "q", "country_text"), favourites, sold), favourites
    )


def render_options(request: HttpRequest, found: search.Results, favourites: set[str]) -> HttpResponse:
    """Render the list of a combobox, with the member's favourites marked."""
    options = [replace(option, is_favourite=option.key in favourites) for option in found.options]
    context = {"options": options, "total": found.total, "near": found.near}
    return render(request, "catalog/_options.html", context)
