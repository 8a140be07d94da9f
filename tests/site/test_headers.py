import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from legitsms_site.headers import HeadersMiddleware

pytestmark = pytest.mark.django_db

EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}


@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/not/there/", "/healthz", "/admin/", "/accounts/2fa/"])
def test_every_answer_carries_the_headers_of_the_shell(client, path):
    answer = client.get(path)
    assert {name: answer.headers.get(name) for name in EVERYWHERE} == EVERYWHERE
    assert "script-src 'self'" in answer["Content-Security-Policy"]


def test_an_answer_to_another_host_carries_them_too(client):
    answer = client.get("/", headers={"Host": "evil.example"})
    assert (answer.status_code, answer["X-Frame-Options"]) == (400, "DENY")


def test_what_the_desk_does_not_use_no_page_may_use(client):
    policy = client.get("/healthz")["Permissions-Policy"]
    assert {"camera=()", "geolocation=()", "microphone=()", "payment=()", "usb=()"} <= set(policy.split(", "))
    assert "*" not in policy


@pytest.mark.parametrize("path", ["/", "/accounts/2fa/"])
def test_a_page_is_kept_nowhere(desk, path):
    assert "no-store" in desk.get(path)["Cache-Control"]


def test_what_may_be_kept_is_left_alone():
    kept = HeadersMiddleware(lambda _request: HttpResponse(headers={"Cache-Control": "max-age=9"}))
    assert kept(RequestFactory().get("/"))["Cache-Control"] == "max-age=9"


def test_it_stands_before_all_others_so_that_static_files_have_it_too():
    assert settings.MIDDLEWARE[0] == "legitsms_site.headers.HeadersMiddleware"
