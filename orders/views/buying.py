"""The Buy page, the purchase dialog, and the progress of a purchase."""

import uuid
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from orders.forms import BuyForm, OfferForm, PurchaseForm
from orders.limits import NotBought, PurchaseLimits
from orders.models import Purchase
from orders.presentation import OrderCard, wording
from orders.reports import offer_comparison
from orders.reports.offer_comparison import Comparison
from orders.views.favourites import Pair, favourites_of, recents_of
from team.roles import BUY

ALREADY_USED = "This form was already used by another member. Nothing more was bought. Open it again."


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def buy(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return purchase(request)
    given = request.GET.dict()
    form = BuyForm({"quantity": "1"} | given) if given else BuyForm()
    return show_form(request, form, "orders/buy.html")


def show_form(request: HttpRequest, form: BuyForm, template: str) -> HttpResponse:
    favourites = [Pair(each.brand, each.place) for each in favourites_of(request)]
    context = {
        "form": form,
        "comparison": comparison(form),
        "limits": PurchaseLimits(request.user),  # type: ignore[arg-type]  # the middleware lets only members in
        "is_favourite": any((pair.brand, pair.place) == (form.brand, form.place) for pair in favourites),
        "favourites": favourites,
        "recents": [pair for pair in recents_of(request) if pair not in favourites],
    }
    return render(request, template, context)


def comparison(form: BuyForm) -> Comparison | None:
    form.is_valid()  # looks the pair up, and keeps the errors that were added
    return offer_comparison.compare(form.brand, form.place) if form.brand and form.place else None


@require_GET
@permission_required(BUY, raise_exception=True)
def offers(request: HttpRequest) -> HttpResponse:
    """The offers of a brand in a place; the page asks again while a list is being fetched."""
    return show_form(request, BuyForm({"quantity": "1"} | request.GET.dict()), "orders/_offers.html")


@require_GET
@permission_required(BUY, raise_exception=True)
def review(request: HttpRequest) -> HttpResponse:
    """The dialog that confirms a purchase. It creates the purchase's UUID, and keeps it while the quantity changes."""
    given = {"quantity": "1"} | request.GET.dict()
    form = OfferForm(given)
    form.full_clean()
    if form.offer is None:
        page = "orders/_buy_form.html" if request.htmx else "orders/buy.html"  # type: ignore[attr-defined]
        looked_for = BuyForm(given)
        looked_for.full_clean()
        looked_for.add_offer_errors(form)
        return show_form(request, looked_for, page)
    return show_review(request, form, purchase_id_of(request) or uuid.uuid4())


def show_review(
    request: HttpRequest, form: OfferForm, purchase_id: uuid.UUID, error: str = "", despite: int | None = None
) -> HttpResponse:
    quantity = form.cleaned_data.get("quantity", 1)
    messages = [str(text) for texts in form.errors.values() for text in texts]
    context: dict[str, Any] = {
        "form": form,
        "title": wording.purchase_title(quantity),
        "offer": form.offer,
        "limits": PurchaseLimits(request.user, form.offer, quantity),  # type: ignore[arg-type]
        "amount": form.offer.amount(quantity) if form.offer else None,
        "purchase_id": purchase_id,
        "despite": despite,
        "quantity": quantity,
        "note": form.cleaned_data.get("note", ""),
        "price_was": form.cleaned_data.get("price_seen"),
        "error": error or " ".join(messages),
    }
    is_fragment = request.htmx  # type: ignore[attr-defined]
    return render(request, "orders/_review_dialog.html" if is_fragment else "orders/review.html", context)


def purchase(request: HttpRequest) -> HttpResponse:
    form = PurchaseForm(request.POST)
    if known := existing_purchase(request):
        if known.buyer != request.user:
            form.full_clean()
            return show_review(request, form, uuid.uuid4(), ALREADY_USED)
        return show_progress(request, known)
    if not form.is_valid():
        return show_review(request, form, form.cleaned_data.get("purchase_id") or uuid.uuid4())
    try:
        made = form.save(request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    except NotBought as reason:
        return show_review(request, form, form.cleaned_data["purchase_id"], str(reason), despite=reason.despite)
    if made.buyer != request.user:
        return show_review(request, form, uuid.uuid4(), ALREADY_USED)
    return show_progress(request, made)


def purchase_id_of(request: HttpRequest) -> uuid.UUID | None:
    given = request.POST if request.method == "POST" else request.GET
    try:
        return uuid.UUID(given.get("purchase_id", ""))
    except ValueError:
        return None


def existing_purchase(request: HttpRequest) -> Purchase | None:
    """The purchase that this form has made already, even if the offer is not listed any more."""
    key = purchase_id_of(request)
    return Purchase.objects.filter(uuid=key).first() if key else None


@require_GET
def progress(request: HttpRequest, purchase_id: uuid.UUID) -> HttpResponse:
    return show_progress(request, get_object_or_404(Purchase, uuid=purchase_id, buyer=request.user))


def show_progress(request: HttpRequest, made: Purchase) -> HttpResponse:
    """The progress of the purchase, from our own database; the page asks again every second until it is done."""
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("orders:board")
    orders = list(made.orders.order_by("ordinal"))
    bought = [order for order in orders if order.activation_id]
    unclear = [OrderCard(order) for order in orders if order.status == "unclear"]
    context = {
        "purchase": made,
        "title": wording.progress_title(made.quantity, len(bought), len(unclear)),
        "orders": orders,
        "bought": bought,
        "refused": [OrderCard(order) for order in orders if order.status == "refused"],
        "unclear": unclear,
        "is_done": not any(order.status in {"requested", "buying"} for order in orders),
    }
    return render(request, "orders/_progress.html", context)
