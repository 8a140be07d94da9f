"""Every page needs a signed-in member with a role, unless its view says otherwise; of some, a second factor too."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.deprecation import MiddlewareMixin
from django_htmx.http import HttpResponseClientRedirect

from team import second_factor

OWN = ("allauth.", "team.views.sessions")  # a member needs no role for their own passwords, second factors and sessions


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends the whole page to the sign-in when a session ends under htmx: a card never turns into a login form."""

    def process_view(self, request: HttpRequest, view_func: Any, *given: Any) -> HttpResponseBase | None:
        refusal: HttpResponseBase | None = super().process_view(request, view_func, *given)
        if refusal or not request.user.is_authenticated or request.user.role or is_about_oneself(view_func):
            return refusal
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect("/")
        return render(request, "team/no_role.html", status=403)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if not getattr(request, "htmx", False):
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(page, self.get_login_url(view_func)).url)


def is_about_oneself(view_func: Any) -> bool:
    return not getattr(view_func, "login_required", True) or view_func.__module__.startswith(OWN)


class SecondFactorMiddleware(MiddlewareMixin):
    """Leads who still has to set up a second factor to where that is done, and lets them do nothing else."""

    OPEN = ("mfa_", "account_reauthenticate", "account_logout", "account_change_password")

    def process_view(self, request: HttpRequest, view_func: Any, *_parts: Any) -> HttpResponse | None:
        page = (request.resolver_match and request.resolver_match.view_name) or ""
        if not getattr(view_func, "login_required", True) or page.startswith(self.OPEN):
            return None
        if not second_factor.is_missing(request.user):
            return None
        security = f"{resolve_url('mfa_index')}?required"
        is_htmx = getattr(request, "htmx", False)
        return HttpResponseClientRedirect(security) if is_htmx else HttpResponseRedirect(security)
