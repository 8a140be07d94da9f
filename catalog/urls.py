from django.urls import path

from catalog.views import health, search

app_name = "catalog"
urlpatterns = [
    path("", health.page, name="health"),
    path("refresh/", health.refresh, name="refresh"),
    path("suggestions/<int:pk>/", health.decide, name="decide"),
    path("part/", health.part, name="part"),
    path("held/<int:pk>/", health.accept, name="accept"),
    path("search/services/", search.services, name="search_services"),
    path("search/places/", search.places, name="search_places"),
]
