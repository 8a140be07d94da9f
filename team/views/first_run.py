"""The page that creates the first administrator, before anybody can sign in."""

from allauth.account.utils import perform_login
from django.contrib.auth.decorators import login_not_required
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from team import first_administrator
from team.first_administrator import FirstAdministratorForm


@login_not_required
@require_http_methods(["GET", "POST"])
def first_administrator_create(request: HttpRequest, token: str) -> HttpResponse:
    if not first_administrator.is_valid_token(token):
        raise Http404
    form = FirstAdministratorForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = form.save(commit=False)
        try:
            first_administrator.create(user)
        except (FileNotFoundError, IntegrityError):  # another request was first
            raise Http404 from None
        signed_in: HttpResponse = perform_login(request, user)
        return signed_in
    return render(request, "team/first_administrator.html", {"form": form})
