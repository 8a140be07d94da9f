"""A fresh proof of who is there, before somebody changes what others may do, see or spend."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from team.blank import BlankAdmin

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
UNSENT = "Nothing is changed yet. Confirm that it is you, then fill it in again."


def proof_required(view: View[P]) -> View[P]:
    """Let through who gave their password, code or passkey again within ACCOUNT_REAUTHENTICATION_TIMEOUT."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        return view(request, *args, **kwargs) if is_proved(request) else ask(request)

    return guarded


def is_proved(request: HttpRequest) -> bool:
    try:
        reauthentication_required(lambda _request: None)(request)
    except ReauthenticationRequired:
        return False
    return True


def ask(request: HttpRequest) -> HttpResponse:
    """Lead to the proof, and from there to the page again.

    Allauth itself would keep a form that was sent, to send it on afterwards: a new key would lie in the session.
    """
    if request.method == "POST":
        messages.warning(request, UNSENT)
    [first, *_] = get_adapter().get_reauthentication_methods(request.user)
    return redirect(f"{first['url']}?{urlencode({'next': request.get_full_path()})}")


class ProofAdmin(BlankAdmin):
    """Lists are open to look at; what adds, changes or deletes, and each action on a list, wants the proof."""

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return proof_required(super().changeform_view)(request, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return proof_required(super().delete_view)(request, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        view = super().changelist_view
        return (proof_required(view) if request.method == "POST" else view)(request, *args, **kwargs)
