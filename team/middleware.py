"""Requires a signed-in member with a role, and a second factor where the policy asks for one."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.deprecation import MiddlewareMixin
from django_htmx.http import HttpResponseClientRedirect

from team import second_factor

# Views for a member's own password, second factors and sessions, which need no role
OWN_ACCOUNT_MODULES = ("allauth.", "team.views.sessions")


class SignedInMiddleware(LoginRequiredMiddleware):
    """Redirects the whole page when a session ended before an htmx request: no fragment shows the sign-in form."""

    def process_view(self, request: HttpRequest, view_func: Any, *view_args: Any) -> HttpResponseBase | None:
        refusal: HttpResponseBase | None = super().process_view(request, view_func, *view_args)
        if refusal or not request.user.is_authenticated or request.user.role or is_own_account_view(view_func):
            return refusal
        if getattr(request, "htmx", False):
            return HttpResponseClientRedirect("/")
        return render(request, "team/no_role.html", status=403)

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if not getattr(request, "htmx", False):
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(page, self.get_login_url(view_func)).url)


def is_own_account_view(view_func: Any) -> bool:
    return not getattr(view_func, "login_required", True) or view_func.__module__.startswith(OWN_ACCOUNT_MODULES)


class SecondFactorMiddleware(MiddlewareMixin):
    """Redirects members who must set up a second factor to the page for it, and allows them nothing else."""

    ALLOWED_VIEWS = ("mfa_", "account_reauthenticate", "account_logout", "account_change_password")

    def process_view(self, request: HttpRequest, view_func: Any, *_view_args: Any) -> HttpResponse | None:
        view_name = (request.resolver_match and request.resolver_match.view_name) or ""
        if not getattr(view_func, "login_required", True) or view_name.startswith(self.ALLOWED_VIEWS):
            return None
        if not second_factor.is_missing(request.user):
            return None
        security_page = f"{resolve_url('mfa_index')}?required"
        is_htmx = getattr(request, "htmx", False)
        return HttpResponseClientRedirect(security_page) if is_htmx else HttpResponseRedirect(security_page)
