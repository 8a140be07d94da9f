from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from legitsms_site.diagnostics import as_text, clock_fact, desk_facts, process_facts
from orders.models import Heartbeat
from orders.worker.journal import PurchaseRecord
from provider.models import ApiKey, ProviderHealth
from team.roles import Role
from tests.conftest import signed_in
from tests.factories import make_heartbeats, make_order, make_user

pytestmark = pytest.mark.django_db
PAGE = reverse("diagnostics")


def shown(browser):
    return browser.get(PAGE).content.decode()


def test_an_administrator_sees_every_part(admin_desk):
    page = shown(admin_desk)
    parts = ("Desk", "Database", "Journal", "Broker", "Processes", "Polling", "LegitSMS", "This request")
    assert [title for title in parts if f">{title}</h2>" not in page] == []


@pytest.mark.parametrize("role", [Role.BUYER, Role.VIEWER, None])
def test_nobody_else_does(role):
    assert signed_in(make_user(role=role)).get(PAGE).status_code == 403


def test_an_anonymous_visitor_is_sent_to_the_sign_in(client):
    assert client.get(PAGE).url.startswith(reverse("account_login"))


def test_it_only_tells(admin_desk):
    assert admin_desk.post(PAGE).status_code == 405


def test_no_secret_stands_on_it(admin_desk, settings):
    settings.REDIS_URL = "redis://:CANARY-broker@127.0.0.1:1/0"
    settings.SECRET_KEY = "CANARY-signing-key-of-this-desk-long-enough"
    settings.LEGITSMS_API_KEY = "CANARY-api-key"
    ApiKey.current().replace("CANARY-stored-key", None)
    assert "CANARY" not in shown(admin_desk)


def test_a_number_that_no_order_here_knows_is_told(admin_desk, log):
    log.write(PurchaseRecord(7, str(uuid4()), "550011", "12025550199"))
    page = shown(admin_desk)
    assert "! Numbers without an order here: 550011 at LegitSMS, bought after the backup that was restored" in page
    assert "12025550199" not in page  # the text is for whoever helps


def test_of_many_such_numbers_some_are_told(admin_desk, log):
    for number in range(23):
        log.write(PurchaseRecord(7, str(uuid4()), f"55{number:02}", "12025550199"))
    assert "5519 and 3 more at LegitSMS" in shown(admin_desk)


def test_a_number_with_its_order_is_not(admin_desk, log):
    order = make_order("waiting")
    log.write(PurchaseRecord(order.pk, str(order.intent), order.activation_id, order.phone))
    assert "Numbers without an order here: none" in shown(admin_desk)


def test_a_file_of_the_journal_that_cannot_be_read_is_told(admin_desk, data_dir):
    (data_dir / "journal/1-damaged").mkdir(parents=True)
    assert "! Files: one cannot be read, and nothing is bought until it can be" in shown(admin_desk)


def test_a_broker_that_does_not_answer_is_told(admin_desk):
    assert "does not answer" in shown(admin_desk)


def test_a_process_without_a_sign_of_life_is_marked():
    make_heartbeats()
    Heartbeat.objects.filter(name="polling").update(at=timezone.now() - timedelta(minutes=2))
    assert {fact.name: fact.is_good for fact in process_facts()}["polling"] is False


def test_a_process_that_never_lived_is_told():
    assert {fact.value for fact in process_facts()} == {"never seen"}


def test_an_order_asked_late_shows_as_the_delay(admin_desk):
    make_order("waiting", next_poll_at=timezone.now() - timedelta(minutes=3))
    assert "the latest question is 180." in shown(admin_desk)


def test_a_refused_key_shows(admin_desk):
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    assert "! Key: refused" in shown(admin_desk)


@pytest.mark.parametrize(
    ("trouble", "told"), [("untrusted_since", "! Line: no valid certificate since"), ("silent_since", "! Line: silent")]
)
def test_trouble_on_the_line_to_legitsms_shows(admin_desk, trouble, told):
    ProviderHealth.mark("sandbox", **{trouble: timezone.now()})
    assert told in shown(admin_desk)


def test_refusals_are_counted_by_their_word(admin_desk):
    [make_order("refused", outcome="NO_NUMBERS") for _ in range(3)]
    assert "NO_NUMBERS 3" in shown(admin_desk)


def test_clocks_that_differ_are_marked():
    apart = clock_fact(timezone.now() + timedelta(seconds=9))
    assert (apart.is_good, apart.value) == (False, "9.0 s")


def test_a_page_under_another_address_than_site_url_is_marked(admin_desk, settings):
    settings.SITE_URL = "https://desk.example.com"
    assert "! Address of this page: http://testserver, and SITE_URL is https://desk.example.com" in shown(admin_desk)


def test_what_is_copied_says_what_the_page_says():
    text = as_text({"Desk": list(desk_facts())})
    assert "\nDesk\n  Version: " in text


def test_an_error_word_of_legitsms_is_escaped(admin_desk):
    make_order("refused", outcome="<b>NO</b>")
    assert "<b>NO</b>" not in shown(admin_desk)


def test_missing_tables_are_told(admin_desk):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'orders'")
    assert "migrations are missing" in shown(admin_desk)


def test_the_menu_leads_an_administrator_there(admin_desk, member):
    assert PAGE in admin_desk.get("/").content.decode()
    assert PAGE not in signed_in(member).get("/").content.decode()
