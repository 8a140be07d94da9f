"""The board, one order's page, and one card."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from orders.live.cards import cards_for
from orders.models import Order
from orders.views.banner import current_banner

LARGEST_BOARD = 1000  # orders; a longer one helps nobody


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    orders = list(Order.objects.for_user(request.user).on_board().with_card()[:LARGEST_BOARD])
    mine = sum(order.owner_id == request.user.pk for order in orders)
    context = {
        "cards": cards_for(request.user, orders),
        "counts": {"mine": mine, "everyone": len(orders)},
        "banner": current_banner(),
    }
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "orders/_board.html" if is_fragment else "orders/board.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.for_user(request.user).with_card(), pk=pk)
    [card] = cards_for(request.user, [order])
    card.is_page = True
    return render(request, "orders/detail.html", {"card": card, "banner": current_banner()})


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.for_user(request.user).with_card(), pk=pk)
    [shown] = cards_for(request.user, [order])
    return render(request, "orders/_card.html", {"card": shown})
