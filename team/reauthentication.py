"""Requires recent re-authentication before somebody changes what others may do, see or spend."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account import decorators as allauth
from allauth.account.adapter import get_adapter
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from team.admin_base import UnprefilledAdmin

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
NOT_SAVED_MESSAGE = "Nothing is changed yet. Confirm that it is you, then fill it in again."


def reauthentication_required(view: View[P]) -> View[P]:
    """Require that the user entered password, code or passkey within ACCOUNT_REAUTHENTICATION_TIMEOUT."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if has_recent_authentication(request):
            return view(request, *args, **kwargs)
        return redirect_to_reauthentication(request)

    return guarded


def has_recent_authentication(request: HttpRequest) -> bool:
    try:
        allauth.reauthentication_required(lambda _request: None)(request)
    except ReauthenticationRequired:
        return False
    return True


def redirect_to_reauthentication(request: HttpRequest) -> HttpResponse:
    """Redirect to re-authentication, which leads back to the page.

    Allauth would store the posted form and submit it afterwards, so that a new API key would lie in the session.
    """
    if request.method == "POST":
        messages.warning(request, NOT_SAVED_MESSAGE)
    [first, *_] = get_adapter().get_reauthentication_methods(request.user)
    return redirect(f"{first['url']}?{urlencode({'next': request.get_full_path()})}")


class ReauthenticatedAdmin(UnprefilledAdmin):
    """Lists can be read; adding, changing, deleting and each list action need re-authentication."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return reauthentication_required(super().changeform_view)(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return reauthentication_required(super().delete_view)(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        view = super().changelist_view
        return (reauthentication_required(view) if request.method == "POST" else view)(request, *args, **kwargs)
