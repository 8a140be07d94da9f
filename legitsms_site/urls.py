"""The URLs of all pages."""

from allauth.account.decorators import secure_admin_login
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView, TemplateView

from legitsms_site import diagnostics, health
from team import single_sign_on
from team.views.sessions import sign_out

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # as allauth documents it
admin.site.site_title, admin.site.index_title = "LegitSMS Desk", "Administration"
admin.site.enable_nav_sidebar = False  # the lists need its space
handler403 = "team.views.forbidden.forbidden"
handler429 = "team.rate_limits.too_many_requests"

# Allauth's models show session keys and secrets, which administrators do not need.
for model in (Authenticator, EmailAddress, SocialAccount, SocialApp, SocialToken, UserSession):
    admin.site.unregister(model)

# Django admin's own sign-out and password pages redirect to ours. Allauth's pages that would send e-mail are replaced.
overrides = [
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/logout/", sign_out),
    path("accounts/logout/", sign_out),
    path("accounts/email/", RedirectView.as_view(pattern_name="mfa_index")),
    path("accounts/confirm-email/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/oidc/<str:provider_id>/login/", single_sign_on.login),
    path("accounts/password/set/", RedirectView.as_view(pattern_name="mfa_index")),
    path("accounts/3rdparty/", RedirectView.as_view(pattern_name="mfa_index")),
    path("accounts/3rdparty/signup/", RedirectView.as_view(pattern_name="account_login")),
    path("accounts/2fa/webauthn/", RedirectView.as_view(pattern_name="mfa_index")),
    path(
        "accounts/password/reset/",
        login_not_required(TemplateView.as_view(template_name="account/password_reset.html")),
    ),
]

handler500 = "legitsms_site.error_views.server_error"
urlpatterns = [
    *overrides,
    path("", include("orders.urls")),
    path("catalog/", include("catalog.urls")),
    path("", include("team.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("diagnostics/", diagnostics.diagnostics, name="diagnostics"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
