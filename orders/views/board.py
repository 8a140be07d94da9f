"""The board, one order's page, and the banner."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from catalog import upstream
from catalog.models import Listing
from orders.cards import shown_to
from orders.models import Heartbeat, Order, Weather

LARGEST_BOARD = 1000  # a longer one helps nobody


@dataclass(frozen=True, slots=True)
class Banner:
    """The one thing that everybody should know now."""

    level: str
    title: str
    text: str


@require_GET
def board(request: HttpRequest) -> HttpResponse:
    orders = list(Order.objects.for_user(request.user).on_board().with_card()[:LARGEST_BOARD])
    mine = sum(order.owner_id == request.user.pk for order in orders)
    context = {
        "cards": shown_to(request.user, orders),
        "counts": {"mine": mine, "everyone": len(orders)},
        "banner": current_banner(),
    }
    is_fragment = request.htmx and not request.htmx.boosted  # type: ignore[attr-defined]
    return render(request, "orders/_board.html" if is_fragment else "orders/board.html", context)


@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.for_user(request.user).with_card(), pk=pk)
    [seen] = shown_to(request.user, [order])
    context = {"events": order.events.select_related("actor"), "banner": current_banner()}
    return render(request, "orders/detail.html", seen | context)


@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.for_user(request.user).with_card(), pk=pk)
    [seen] = shown_to(request.user, [order])
    return render(request, "orders/_card.html", seen)


@require_GET
def banner(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/_banner.html", {"banner": current_banner()})


def key_trouble(weather: Weather) -> Banner | None:
    if not upstream.is_readable():
        return Banner(
            "danger",
            "The API key cannot be read.",
            "FIELD_ENCRYPTION_KEYS lacks the key that it was encrypted with. Buying and checking are paused, and open"
            " orders are kept. An administrator can put that key back, or enter the API key anew.",
        )
    if weather.bad_key_since:
        return Banner(
            "danger",
            "LegitSMS did not accept the team's API key.",
            "Buying and checking are paused until an administrator enters the current key. Open orders are kept.",
        )
    return None


def line_trouble(weather: Weather) -> Banner | None:
    if weather.untrusted_since:
        return Banner(
            "danger",
            "The server that answers does not prove that it is LegitSMS.",
            "Its certificate is not valid, so nothing is sent to it: nothing can be bought or checked. Open orders"
            " are kept, and we keep asking. Tell an administrator.",
        )
    if weather.is_silent:
        return Banner("warning", "LegitSMS does not answer.", "Open orders are kept, and we keep asking.")
    return None


def current_banner() -> Banner | None:
    """The gravest trouble, or none."""
    weather = Weather.of(upstream.current())
    if Heartbeat.dead():
        return Banner(
            "danger",
            "Nobody is watching for codes.",
            "The desk's worker is not running, so orders are not checked and nothing can be bought. It is started again"
            " by itself; if this stays, tell an administrator.",
        )
    if trouble := key_trouble(weather) or line_trouble(weather):
        return trouble
    if not Listing.objects.filter(upstream=upstream.current(), refreshed_at__isnull=False).exists():
        return Banner(
            "info", "LegitSMS's lists are not here yet.", "They are being fetched. Buying is possible when they are."
        )
    if weather.no_balance_since:
        return Banner(
            "warning", "Wallet empty.", "LegitSMS refused the last purchase. Ask an administrator to add funds."
        )
    return None
