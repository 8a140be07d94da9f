"""The banner: the one trouble that everybody should know about now."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from catalog.models import Listing
from orders.models import Heartbeat
from provider import upstream
from provider.models import ProviderHealth


@dataclass(frozen=True, slots=True)
class Banner:
    """`level`: «danger», «warning» or «info»."""

    level: str
    title: str
    text: str

    @property
    def icon(self) -> str:
        return "info-circle" if self.level == "info" else "alert-triangle"


@require_GET
def banner(request: HttpRequest) -> HttpResponse:
    return render(request, "orders/_banner.html", {"banner": current_banner()})


def key_trouble(health: ProviderHealth) -> Banner | None:
    if not upstream.is_readable():
        return Banner(
            "danger",
            "The API key cannot be read.",
            "FIELD_ENCRYPTION_KEYS lacks the key that it was encrypted with. Buying and checking are paused, and open"
            " orders are kept. An administrator can put that key back, or enter the API key anew.",
        )
    if health.bad_key_since:
        return Banner(
            "danger",
            "LegitSMS did not accept the team's API key.",
            "Buying and checking are paused until an administrator enters the current key. Open orders are kept.",
        )
    return None


def connection_trouble(health: ProviderHealth) -> Banner | None:
    if health.untrusted_since:
        return Banner(
            "danger",
            "The server that answers does not prove that it is LegitSMS.",
            "Its certificate is not valid, so nothing is sent to it: nothing can be bought or checked. Open orders"
            " are kept, and we keep asking. Tell an administrator.",
        )
    if health.is_silent:
        return Banner("warning", "LegitSMS does not answer.", "Open orders are kept, and we keep asking.")
    return None


def current_banner() -> Banner | None:
    """The most severe trouble, or None."""
    health = ProviderHealth.for_upstream(upstream.current())
    if Heartbeat.dead():
        return Banner(
            "danger",
            "Nobody is watching for codes.",
            "The desk's worker is not running, so orders are not checked and nothing can be bought. It is started again"
            " by itself; if this stays, tell an administrator.",
        )
    if trouble := key_trouble(health) or connection_trouble(health):
        return trouble
    if not Listing.objects.filter(upstream=upstream.current(), refreshed_at__isnull=False).exists():
        return Banner(
            "info", "LegitSMS's lists are not here yet.", "They are being fetched. Buying is possible when they are."
        )
    if health.no_balance_since:
        return Banner(
            "warning", "Wallet empty.", "LegitSMS refused the last purchase. Ask an administrator to add funds."
        )
    return None
