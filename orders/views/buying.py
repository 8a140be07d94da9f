"""From the purchase form through its dialog to the numbers."""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from catalog import upstream
from catalog.models import Listing, Server
from orders.forms import OfferForm, PurchaseForm
from orders.models import Purchase

BLURBS = {
    1: "Lowest prices, big stock",
    2: "Premium, when the others send no code",
    3: "180+ countries, prices published",
}
FOREIGN = "This form was already used by another member. Nothing more was bought. Open it again."


@dataclass(frozen=True, slots=True)
class ServerCard:
    """One server as the form offers it, with the age of its lists."""

    number: int
    name: str
    blurb: str
    listed_at: datetime | None
    problem: str


def server_cards() -> list[ServerCard]:
    lists = Listing.objects.filter(upstream=upstream.current(), country="")
    ages = dict(lists.values_list("server").annotate(Max("refreshed_at")))
    problems = dict(lists.exclude(problem="").values_list("server", "problem"))
    return [
        ServerCard(server, server.label, BLURBS[server], ages.get(server), problems.get(server, ""))
        for server in Server
    ]


@require_http_methods(["GET", "POST"])
def buy(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return purchase(request)
    initial = {"server": 1, "quantity": 1} | request.GET.dict()
    return render(request, "orders/buy.html", {"form": OfferForm(initial=initial), "servers": server_cards()})


@require_GET
def review(request: HttpRequest) -> HttpResponse:
    """The dialog that confirms a purchase. It makes the purchase's UUID, and keeps it while the quantity changes."""
    form = OfferForm({"quantity": "1"} | request.GET.dict())
    form.full_clean()
    if form.offer is None:
        page = "orders/_buy_form.html" if request.htmx else "orders/buy.html"  # type: ignore[attr-defined]
        return render(request, page, {"form": form, "servers": server_cards()})
    try:
        purchase_id = uuid.UUID(request.GET.get("purchase_id", ""))
    except ValueError:
        purchase_id = uuid.uuid4()
    return show_review(request, form, purchase_id)


def show_review(request: HttpRequest, form: OfferForm, purchase_id: uuid.UUID, error: str = "") -> HttpResponse:
    quantity = form.cleaned_data.get("quantity", 1)
    told = [str(text) for texts in form.errors.values() for text in texts]
    context: dict[str, Any] = {
        "form": form,
        "offer": form.offer,
        "amount": form.offer.amount(quantity) if form.offer else None,
        "purchase_id": purchase_id,
        "quantity": quantity,
        "note": form.cleaned_data.get("note", ""),
        "error": error or " ".join(told),
    }
    is_fragment = request.htmx  # type: ignore[attr-defined]
    return render(request, "orders/_review_dialog.html" if is_fragment else "orders/review.html", context)


def purchase(request: HttpRequest) -> HttpResponse:
    form = PurchaseForm(request.POST)
    if known := known_purchase(request):
        if known.buyer != request.user:
            form.full_clean()
            return show_review(request, form, uuid.uuid4(), FOREIGN)
        return show_progress(request, known)
    if not form.is_valid():
        return show_review(request, form, form.cleaned_data.get("purchase_id") or uuid.uuid4())
    made = form.save(request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    if made.buyer != request.user:
        return show_review(request, form, uuid.uuid4(), FOREIGN)
    return show_progress(request, made)


def known_purchase(request: HttpRequest) -> Purchase | None:
    """The purchase that this form made before, whatever has become of the lists since."""
    try:
        return Purchase.objects.filter(uuid=uuid.UUID(request.POST.get("purchase_id", ""))).first()
    except ValueError:
        return None


@require_GET
def progress(request: HttpRequest, purchase_id: uuid.UUID) -> HttpResponse:
    return show_progress(request, get_object_or_404(Purchase, uuid=purchase_id, buyer=request.user))


def show_progress(request: HttpRequest, made: Purchase) -> HttpResponse:
    """How far the purchase is; asked every second from our own database until nothing is requested or being bought."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("orders:board")
    orders = list(made.orders.order_by("ordinal"))
    bought = [order for order in orders if order.activation_id]
    done = not any(order.status in {"requested", "buying"} for order in orders)
    context = {
        "purchase": made,
        "orders": orders,
        "bought": bought,
        "refused": [order for order in orders if order.status == "refused"],
        "unclear": [order for order in orders if order.status == "unclear"],
        "done": done,
    }
    return render(request, "orders/_progress.html", context)
