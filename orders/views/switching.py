"""Switching: another server's number instead of one that gets no code."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods

from catalog.models import Brand, Place
from orders.forms import SwitchForm
from orders.limits import NotBought, PurchaseLimits
from orders.models import Order
from orders.presentation import wording
from orders.reports import offer_comparison
from orders.reports.offer_comparison import Comparison
from orders.views.buying import ALREADY_USED, existing_purchase, purchase_id_of, show_progress
from team.roles import BUY


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Buy the same on another server first; the old number is cancelled when the new one is here."""
    order = get_object_or_404(Order.objects.actionable_by(request.user), pk=pk)
    if request.method == "GET":
        return show_switch(request, order, SwitchForm())
    if (known := existing_purchase(request)) and known.buyer == request.user:
        return show_progress(request, known)
    seen = request.POST.get(f"price_seen:{request.POST.get('offer', '')}", "")  # of the row that was chosen
    form = SwitchForm(request.POST.dict() | {"quantity": "1", "note": order.note, "price_seen": seen})
    if known:
        return show_already_used(request, order, form)
    if order.status != Order.Status.WAITING:
        form.add_error(None, "This order is no longer waiting. Nothing was bought.")
    if not form.is_valid():
        return show_switch(request, order, form)
    links = {"replaces": order, "cancels_replaced": form.cleaned_data["cancel_old"]}
    try:
        made = form.save(request.user, **links)  # type: ignore[arg-type]
    except NotBought as reason:
        form.add_error(None, str(reason))
        return show_switch(request, order, form)
    return show_progress(request, made) if made.buyer == request.user else show_already_used(request, order, form)


def show_already_used(request: HttpRequest, order: Order, form: SwitchForm) -> HttpResponse:
    """The form's UUID is another member's purchase: say so, with a UUID of its own."""
    form.add_error(None, ALREADY_USED)
    return show_switch(request, order, form, uuid.uuid4())


def show_switch(
    request: HttpRequest, order: Order, form: SwitchForm, purchase_id: uuid.UUID | None = None
) -> HttpResponse:
    context = {
        "order": order,
        "title": wording.switch_title(order),
        "comparison": other_offers(order),
        "form": form,
        "limits": PurchaseLimits(request.user),  # type: ignore[arg-type]
        "purchase_id": purchase_id or purchase_id_of(request) or uuid.uuid4(),
        "error": " ".join(str(text) for texts in form.errors.values() for text in texts),
    }
    return render(request, "orders/_switch_dialog.html", context)


def other_offers(order: Order) -> Comparison | None:
    """The other servers' offers for the same brand and place."""
    brand = Brand.objects.filter(key=order.brand_key).first()
    place = Place.objects.filter(key=order.place_key).first()
    return offer_comparison.compare(brand, place, without_server=order.server) if brand and place else None
