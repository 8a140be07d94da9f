"""The one page of the team that exists before anyone can sign in, and the ends of sessions."""

from allauth.account import views as allauth
from allauth.account.utils import perform_login
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from team import first_administrator
from team.first_administrator import FirstAdministratorForm


@login_not_required
@require_http_methods(["GET", "POST"])
def first_administrator_create(request: HttpRequest, token: str) -> HttpResponse:
    if not first_administrator.is_invited(token):
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save()
        first_administrator.withdraw_invitation()
        signed_in: HttpResponse = perform_login(request, user)
        return signed_in
    return render(request, "team/first_administrator.html", {"form": form})


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign this member out in another browser. Their own present session ends through «Sign out»."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if not session.is_current():
        session.end()
        messages.success(request, "That browser is signed out.")
    return redirect("usersessions_list")


@login_not_required  # who gives up half-way through the sign-in comes here too
def sign_out(request: HttpRequest) -> HttpResponse:
    """Allauth's own, and what the browser kept of our pages is thrown away.

    Cookies are not asked to be cleared: browsers would clear those of all sites of this domain.
    """
    response: HttpResponse = allauth.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache"'
    return response
