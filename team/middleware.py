"""Every page needs a signed-in member, unless its view says otherwise."""

from typing import Any

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest
from django_htmx.http import HttpResponseClientRedirect


class SignedInMiddleware(LoginRequiredMiddleware):
    """Sends the whole page to the sign-in when a session ends under htmx: a card never turns into a login form."""

    def handle_no_permission(self, request: HttpRequest, view_func: Any) -> Any:
        if not getattr(request, "htmx", False):
            return super().handle_no_permission(request, view_func)
        page = request.htmx.current_url_abs_path or "/"  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(redirect_to_login(page, self.get_login_url(view_func)).url)
