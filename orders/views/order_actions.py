"""Actions on an order. A lost race answers with the fresh card and a notice of who was first."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from orders import tasks
from orders.forms import NoteForm, ReassignForm, SettleForm
from orders.lifecycle import closing, offboarding, transitions
from orders.live.cards import cards_for
from orders.models import Order, StaleOrder
from orders.presentation import OrderCard
from orders.presentation.wording import event_text
from team.models import User
from team.roles import BUY, SEE_CODES


def show_card(request: HttpRequest, order: Order, notice: str = "") -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("orders:detail", order.pk)
    [card] = cards_for(request.user, [order])
    card.notice = notice
    return render(request, "orders/_card.html", {"card": card})


def actionable_order(request: HttpRequest, pk: int) -> Order:
    """The order, if the member may act on it; else 404."""
    return get_object_or_404(Order.objects.actionable_by(request.user), pk=pk)


def act(request: HttpRequest, order: Order, step: Callable[[Order, User], None]) -> HttpResponse:
    """Call `step` and show the card; where somebody or something was first, with a notice of what happened."""
    notice = ""
    try:
        step(order, request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    except StaleOrder:
        order.refresh_from_db()
        notice = too_late(order)
    return show_card(request, order, notice)


def too_late(order: Order) -> str:
    last = order.events.select_related("actor").last()
    who = f" by {last.actor.short_name}" if last and last.actor else ""
    return f"Too late: {event_text(last)}{who} at {last.at:%H:%M:%S} UTC." if last else "Too late."


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    order = actionable_order(request, pk)
    if request.method == "GET":
        return render(request, "orders/_cancel_dialog.html", {"order": order, "card": OrderCard(order)})
    return act(request, order, cancel_or_withdraw)


def cancel_or_withdraw(order: Order, actor: User) -> None:
    """Withdraw a request that no worker has leased yet, else request a cancel."""
    with suppress(StaleOrder):
        closing.withdraw(order, actor)
        return
    order.refresh_from_db()  # a worker may have leased it at this very moment
    closing.request_cancel(order, actor)
    if order.is_cancellable_now:
        tasks.enqueue(tasks.send_requested_action, order.pk)


@require_POST
@permission_required(BUY, raise_exception=True)
def undo_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, actionable_order(request, pk), closing.undo_cancel)


@require_POST
@permission_required(BUY, raise_exception=True)
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, actionable_order(request, pk), request_finish)


def request_finish(order: Order, actor: User) -> None:
    closing.request_finish(order, actor)
    tasks.enqueue(tasks.send_requested_action, order.pk)


@require_POST
@permission_required(BUY, raise_exception=True)
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, actionable_order(request, pk), closing.hide)


@require_POST
@permission_required(SEE_CODES, raise_exception=True)
def copied(request: HttpRequest, pk: int) -> HttpResponse:
    order = get_object_or_404(Order.objects.for_user(request.user), pk=pk)
    closing.record_copy(order, request.user)  # type: ignore[arg-type]  # the middleware lets only members in
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    order = actionable_order(request, pk)
    form = NoteForm(request.POST or None, initial={"note": order.note})
    if request.method == "POST" and form.is_valid():
        transitions.change(order, "note", request.user, note=form.cleaned_data["note"])  # type: ignore[arg-type]
        return show_card(request, order)
    return render(request, "orders/_note_dialog.html", {"order": order, "form": form})


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def reassign(request: HttpRequest, pk: int) -> HttpResponse:
    order = actionable_order(request, pk)
    form = ReassignForm(request.POST or None, initial={"owner": order.owner_id})
    if request.method == "POST" and form.is_valid():
        offboarding.reassign(order, request.user, form.cleaned_data["owner"])  # type: ignore[arg-type]
        return show_card(request, order)
    return render(request, "orders/_reassign_dialog.html", {"order": order, "form": form})


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Settle an unclear purchase by what LegitSMS's own site shows."""
    order = get_object_or_404(Order.objects.settleable_by(request.user), pk=pk)
    form = SettleForm(order, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return act(request, order, partial(settle_with, form))
    context = {"order": order, "card": OrderCard(order), "form": form}
    return render(request, "orders/_settle_dialog.html", context)


def settle_with(form: SettleForm, order: Order, actor: User) -> None:
    form.save(order, actor)
    if order.reported_id:
        tasks.enqueue(tasks.check_reported_purchase, order.pk)
