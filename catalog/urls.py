from django.urls import path

from catalog.views import search, status

app_name = "catalog"
urlpatterns = [
    path("", status.page, name="status"),
    path("refresh/", status.refresh, name="refresh"),
    path("suggestions/<int:pk>/", status.decide, name="decide"),
    path("part/", status.reject_match, name="reject_match"),
    path("held/<int:pk>/", status.accept, name="accept"),
    path("search/services/", search.services, name="search_services"),
    path("search/places/", search.places, name="search_places"),
]
