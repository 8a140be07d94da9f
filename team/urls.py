from django.urls import path

from team.views import first_run, invitations, sessions

app_name = "team"
urlpatterns = [
    path("first-administrator/<str:token>/", first_run.first_administrator_create, name="first_administrator"),
    path("join/<str:token>/", invitations.join, name="join"),
    path("accounts/sessions/<int:pk>/end/", sessions.session_end, name="session_end"),
]
