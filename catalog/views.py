"""What the two comboboxes of the purchase form ask for. Everything comes from our own database."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog import offers
from catalog.models import Country, CurrentQuerySet, Server

SHOWN = 50


def server_of(request: HttpRequest) -> int:
    text = request.GET.get("server", "")
    return int(text) if text in {str(number) for number in Server.values} else Server.ONE


def typed(request: HttpRequest, *fields: str) -> str:
    """The first of `fields` in which something stands, without the NUL that PostgreSQL refuses."""
    texts = (request.GET.get(field, "").replace("\0", "").strip() for field in fields)
    return next(filter(None, texts), "")[:100]


@require_GET
def countries(request: HttpRequest) -> HttpResponse:
    return options(request, Country.objects.listed(server_of(request)), "country_text")


@require_GET
def services(request: HttpRequest) -> HttpResponse:
    """Services of the chosen server; on one that lists them by country, of the chosen country."""
    server = server_of(request)
    known = offers.one(Country.objects.listed(server), typed(request, "country", "country_text"))
    if known is None and Server(server).lists_services_per_country:
        return options(request, Country.objects.none(), "service_text", hint="Choose a country first.")
    code = known.code if known else ""
    listing = offers.look_at(server, code)
    return options(request, offers.services(server, code), "service_text", pending=listing.refreshed_at is None)


def options(
    request: HttpRequest, rows: CurrentQuerySet, field: str, *, hint: str = "", pending: bool = False
) -> HttpResponse:
    """The listbox for what was typed: names that begin with it first."""
    query = typed(request, "q", field)
    found = rows.named_like(query)
    context = {
        "options": sorted(found, key=lambda row: not row.name.lower().startswith(query.lower()))[:SHOWN],
        "total": found.count(),
        "query": query,
        "hint": hint,
        "pending": pending,
    }
    return render(request, "catalog/_options.html", context)
