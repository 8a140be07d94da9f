from django.urls import path

from team import views

app_name = "team"
urlpatterns = [
    path("first-administrator/<str:token>/", views.first_administrator_create, name="first_administrator"),
    path("accounts/sessions/<int:pk>/end/", views.session_end, name="session_end"),
]
