"""The ends of sessions."""

from allauth.account import views as allauth
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST


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
