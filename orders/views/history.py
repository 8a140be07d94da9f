"""The history: a page of it, one of its rows, a code in it, and the file of all of it."""

import logging

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import push_url

from orders.code_visibility import CodeVisibility
from orders.lifecycle import closing
from orders.models import Export, Order, TooManyExports
from orders.presentation import OrderCard
from orders.reports.export import lines
from orders.reports.history import HistoryFilter, Page, choices
from orders.views.banner import current_banner
from provider import upstream
from team.roles import SEE_CODES

log = logging.getLogger(__name__)


@require_GET
def history(request: HttpRequest) -> HttpResponse:
    wanted = HistoryFilter(request.GET)
    page = Page.of(wanted.orders)
    older = wanted.query_with(before=str(page.next_before))
    visibility = CodeVisibility.of(request.user)
    cards = [OrderCard(order, visibility=visibility) for order in page.orders]
    context = {"wanted": wanted, "page": page, "cards": cards, "older": older, "upstream": upstream.current()}
    if request.htmx and not request.htmx.boosted:  # type: ignore[attr-defined]
        return push_url(render(request, "orders/_history.html", context), request.path + wanted.query)
    return render(request, "orders/history.html", context | choices(wanted) | {"banner": current_banner()})


@require_GET
def history_row(request: HttpRequest, pk: int) -> HttpResponse:
    """A row of the history, expanded, or collapsed again."""
    known = Order.objects.for_user(request.user).select_related("owner", "purchase__buyer")
    card = OrderCard(get_object_or_404(known, pk=pk), visibility=CodeVisibility.of(request.user))
    context = {"card": card, "is_open": "closed" not in request.GET, "upstream": upstream.current()}
    return render(request, "orders/_history_row.html", context)


@require_POST
@permission_required(SEE_CODES, raise_exception=True)
def reveal(request: HttpRequest, pk: int) -> HttpResponse:
    """Show codes that are masked because they are old, and record who revealed them."""
    order = get_object_or_404(Order.objects.for_user(request.user), pk=pk)
    if order.codes.exists():
        closing.record_reveal(order, request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    context = {"card": OrderCard(order, visibility=CodeVisibility(may_see=True))}
    is_fragment = request.htmx  # type: ignore[attr-defined]
    return render(request, "orders/_codes.html" if is_fragment else "orders/codes.html", context)


@require_POST
def history_export(request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
    wanted = HistoryFilter(request.GET)
    try:
        export = Export.begin(request.user, wanted.query)  # type: ignore[arg-type]
    except TooManyExports as many:
        return render(request, "orders/export_later.html", {"until": many.until}, status=429)
    log.info("%s exports the history with the filters «%s»", request.user, export.query)
    rows = lines(wanted.orders, CodeVisibility.of(request.user))
    file = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
    file["Content-Disposition"] = f'attachment; filename="legitsms-desk-orders-{timezone.now():%Y-%m-%d}.csv"'
    file["Cache-Control"] = "no-store"
    return file
