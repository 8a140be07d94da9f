"""Views that end sessions."""

from allauth.account import views as allauth
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_POST


@require_POST
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign this member out in another browser. The current session ends through «Sign out»."""
    session = get_object_or_404(UserSession, pk=pk, user=request.user)
    if not session.is_current():
        session.end()
        messages.success(request, "That browser is signed out.")
    return redirect("usersessions_list")


@login_not_required  # somebody who cancels a sign-in half-way comes here too
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign out with allauth's view, and make the browser clear its cache of our pages.

    Cookies are not cleared that way: browsers would clear those of all sites of this domain.
    """
    response: HttpResponse = allauth.logout(request)
    if request.method == "POST":
        response["Clear-Site-Data"] = '"cache"'
    return response
