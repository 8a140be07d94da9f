"""An administrator deactivates a member, and may reassign their open orders in the same step."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from orders.forms import OffboardForm
from orders.lifecycle import offboarding
from orders.models import Order
from team.models import LastAdministrator, User
from team.reauthentication import reauthentication_required
from team.roles import ADMINISTER


@require_http_methods(["GET", "POST"])
@permission_required(ADMINISTER, raise_exception=True)
@reauthentication_required
def offboard(request: HttpRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(User, pk=pk)
    form = OffboardForm(member, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            reassigned = offboarding.offboard(member, request.user, form.cleaned_data["successor"])  # type: ignore[arg-type]
        except LastAdministrator:
            form.add_error(None, "This is the last active administrator. Make somebody else an administrator first.")
        else:
            messages.success(request, f"{member} is deactivated. Orders reassigned: {reassigned}.")
            return redirect("admin:team_user_changelist")
    number = Order.objects.for_user(request.user).open().filter(owner=member).count()
    return render(request, "orders/offboard.html", {"member": member, "form": form, "number": number})
