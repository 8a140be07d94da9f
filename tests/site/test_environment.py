import os
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured

from legitsms import check_url
from legitsms_site.environment import BASE_DIR, database, env, integer, stored_secret, validated


def start_with(tmp_path, role="prepare", **variables):
    """Start this role of the desk in this environment alone; returns how it ended and what it said."""
    surroundings = {"PATH": os.environ["PATH"], "DATA_DIR": str(tmp_path)} | variables
    command = [sys.executable, "-m", "legitsms_site", role]
    return subprocess.run(command, env=surroundings, cwd=BASE_DIR, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("number", ["1", " 8000 ", "65535"])
def test_a_whole_number_is_taken(monkeypatch, number):
    monkeypatch.setenv("PORT", number)
    assert integer("PORT", 1) == int(number)


@pytest.mark.parametrize("number", ["0", "-1", "x", "", "1.5", "8000 # web"])
def test_what_is_no_whole_number_stops_the_start_and_names_its_variable(monkeypatch, number):
    monkeypatch.setenv("PORT", number)
    with pytest.raises(ImproperlyConfigured, match="PORT must be a whole number of 1 or more"):
        integer("PORT", 1)


def test_nought_is_taken_where_it_means_something(monkeypatch):
    monkeypatch.setenv("CANCEL_BEFORE_END_MINUTES", "0")
    assert integer("CANCEL_BEFORE_END_MINUTES", 1, minimum=0) == 0


def test_what_is_not_given_has_its_usual_value(monkeypatch):
    monkeypatch.delenv("PORT", raising=False)
    assert integer("PORT", 8000) == 8000


def test_a_variable_may_stand_in_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("a secret\n")
    monkeypatch.delenv("LEGITSMS_API_KEY", raising=False)
    monkeypatch.setenv("LEGITSMS_API_KEY_FILE", str(tmp_path / "key"))
    assert env.str("LEGITSMS_API_KEY", default="") == "a secret"


@pytest.mark.parametrize("address", ["mysql://host/name", "nonsense", "redis://x"])
def test_a_database_of_another_kind_names_its_variable(monkeypatch, address):
    monkeypatch.setenv("DATABASE_URL", address)
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL must be like postgres://"):
        database("DATABASE_URL")


@pytest.mark.parametrize("address", ["http://legitsms.com/api/handler/", "ftp://legitsms.com/", "https://a@b.example/"])
def test_an_address_that_the_key_must_not_be_sent_to_names_its_variable(monkeypatch, address):
    monkeypatch.setenv("LEGITSMS_URL", address)
    with pytest.raises(ImproperlyConfigured, match="LEGITSMS_URL: "):
        validated("LEGITSMS_URL", "https://legitsms.com/api/handler/", check_url)


def test_a_secret_is_made_once_and_for_us_alone(tmp_path):
    path = tmp_path / "new" / "secret_key"
    assert stored_secret(path) == stored_secret(path)
    assert len(stored_secret(path)) > 60
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("PORT", "x"),
        ("SECRET_KEY", "short"),
        ("TRUSTED_PROXIES", "-1"),
        ("SITE_URL", "desk.example.com"),
        ("DATABASE_URL", "x"),
        ("LEGITSMS_URL", "http://x.example/"),
    ],
)
def test_a_wrong_value_ends_the_start_with_one_line_that_names_it(tmp_path, name, wrong):
    ended = start_with(tmp_path, **{name: wrong})
    assert ended.returncode == 1
    assert ended.stderr.startswith(f"LegitSMS Desk cannot start: {name}")
    assert ended.stderr.count("\n") == 1


def test_a_role_that_there_is_not_is_said(tmp_path):
    assert start_with(tmp_path, "nothing").stderr == "There is no role «nothing».\n"
