"""The history: a page of it, one of its rows, a code in it, and the file of all of it."""

import logging

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from catalog import upstream
from orders.export import lines
from orders.history import HistoryFilter, Page, choices
from orders.models import Export, Order, TooManyExports
from orders.sight import Sight
from orders.views.board import current_banner
from team.roles import SEE_CODES

log = logging.getLogger(__name__)


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    wanted = HistoryFilter(request.GET)
    page = Page.of(wanted.orders)
    older = wanted.query_with(before=str(page.next_before))
    context = seen_by(request) | {"wanted": wanted, "page": page, "older": older}
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return push_url(render(request, "orders/_history.html", context), request.path + wanted.query)
    return render(request, "orders/history.html", context | choices(wanted) | {"banner": current_banner()})


@require_GET
def history_row(request: HttpRequest, pk: int) -> HttpResponse:
    """A row of the history, open, or closed again."""
    known = Order.objects.for_user(request.user).select_related("owner", "purchase__buyer")
    order = get_object_or_404(known, pk=pk)
    is_open = "closed" not in request.GET
    events = order.events.select_related("actor") if is_open else []
    context = seen_by(request) | {"order": order, "is_open": is_open, "events": events}
    return render(request, "orders/_history_row.html", context)


@require_POST
@permission_required(SEE_CODES, raise_exception=True)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show codes that are masked because they are old, and write down who looked."""
    order = get_object_or_404(Order.objects.for_user(request.user), pk=pk)
    if order.codes.exists():
        order.note_look(request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    context = {"order": order, "sight": Sight(may_see=True)}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "orders/_codes.html", context)
    return render(request, "orders/codes.html", context)


@require_POST
def history_export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    wanted = HistoryFilter(request.GET)
    try:
        export = Export.begin(request.user, wanted.query)  # type: ignore[arg-type]
    except TooManyExports as many:
        return render(request, "orders/export_later.html", {"until": many.until}, status=429)
    log.info("%s exports the history, asked for as «%s»", request.user, export.asked)
    file = StreamingHttpResponse(lines(wanted.orders, Sight.of(request.user)), content_type="text/csv; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="legitsms-desk-orders-{timezone.now():%Y-%m-%d}.csv"'
    file["Cache-Control"] = "no-store"
    return file


def seen_by(request: HttpRequest) -> dict[str, object]:
    return {"sight": Sight.of(request.user), "upstream": upstream.current()}
