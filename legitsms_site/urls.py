"""Where every page is."""

from django.contrib import admin
from django.urls import include, path

from legitsms_site import diagnostics, health

urlpatterns = [
    path("", include("orders.urls")),
    path("catalog/", include("catalog.urls")),
    path("", include("team.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("diagnostics/", diagnostics.diagnostics, name="diagnostics"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
]
