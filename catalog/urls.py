from django.urls import path

from catalog import views

app_name = "catalog"
urlpatterns = [
    path("countries/", views.countries, name="countries"),
    path("services/", views.services, name="services"),
]
