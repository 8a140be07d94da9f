"""What people do with an order. A lost race answers with the fresh card and who was first."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from orders import tasks
from orders.cards import shown_to
from orders.forms import HandOverForm, NoteForm, SettleForm
from orders.models import Order, StaleOrder
from team.models import User
from team.roles import BUY, SEE_CODES


def show_card(request: HttpRequest, order: Order, notice: str = "") -> HttpResponse:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("orders:detail", order.pk)
    [seen] = shown_to(request.user, [order])
    return render(request, "orders/_card.html", seen | {"notice": notice})


def theirs(request: HttpRequest, pk: int) -> Order:
    """The order, if the member may do something with it."""
    return get_object_or_404(Order.objects.actionable_by(request.user), pk=pk)


def act(request: HttpRequest, order: Order, step: Callable[[Order, User], None]) -> HttpResponse:
    """Take `step` and show the card; where somebody or something was first, show what happened instead."""
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
    return f"Too late: {last.told}{who} at {last.at:%H:%M:%S} UTC." if last else "Too late."


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    order = theirs(request, pk)
    if request.method == "GET":
        return render(request, "orders/_cancel_dialog.html", {"order": order})
    return act(request, order, wish_cancel)


def wish_cancel(order: Order, actor: User) -> None:
    """Cancel, or take back what nobody has begun to buy."""
    with suppress(StaleOrder):
        order.withdraw(actor)
        return
    order.refresh_from_db()  # it may have been claimed at this very moment
    order.wish_cancel(actor)
    if order.is_cancellable_now:
        tasks.wake(tasks.close_number, order.pk)


@require_POST
@permission_required(BUY, raise_exception=True)
def keep(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, theirs(request, pk), Order.keep)


@require_POST
@permission_required(BUY, raise_exception=True)
def finish(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, theirs(request, pk), wish_finish)


def wish_finish(order: Order, actor: User) -> None:
    order.wish_finish(actor)
    tasks.wake(tasks.close_number, order.pk)


@require_POST
@permission_required(BUY, raise_exception=True)
def hide(request: HttpRequest, pk: int) -> HttpResponse:
    return act(request, theirs(request, pk), Order.hide)


@require_POST
@permission_required(SEE_CODES, raise_exception=True)
def copied(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(Order.objects.for_user(request.user), pk=pk).note_copy(request.user)  # type: ignore[arg-type]
    return HttpResponse(status=204)


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def note(request: HttpRequest, pk: int) -> HttpResponse:
    order = theirs(request, pk)
    form = NoteForm(request.POST or None, initial={"note": order.note})
    if request.method == "POST" and form.is_valid():
        order.change("note", request.user, note=form.cleaned_data["note"])  # type: ignore[arg-type]
        return show_card(request, order)
    return render(request, "orders/_note_dialog.html", {"order": order, "form": form})


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    order = theirs(request, pk)
    form = HandOverForm(request.POST or None, initial={"owner": order.owner_id})
    if request.method == "POST" and form.is_valid():
        owner = form.cleaned_data["owner"]
        order.change("handed over", request.user, words=f"to {owner}", owner=owner)  # type: ignore[arg-type]
        return show_card(request, order)
    return render(request, "orders/_hand_over_dialog.html", {"order": order, "form": form})


@require_http_methods(["GET", "POST"])
@permission_required(BUY, raise_exception=True)
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """A person says what became of an unclear purchase, with what LegitSMS's own site shows."""
    order = get_object_or_404(Order.objects.settleable_by(request.user), pk=pk)
    form = SettleForm(order, request.POST or None)
    if request.method == "POST" and form.is_valid():
        return act(request, order, partial(settle_with, form))
    return render(request, "orders/_settle_dialog.html", {"order": order, "form": form})


def settle_with(form: SettleForm, order: Order, actor: User) -> None:
    form.save(order, actor)
    if order.claimed_id:
        tasks.wake(tasks.check_claim, order.pk)
