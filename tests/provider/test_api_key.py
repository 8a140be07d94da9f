"""The API key that an administrator enters: kept, used, tested and never shown."""

import io
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from legitsms import BadKey, NoActivation, NotSent, ServerFault, Waiting
from legitsms.sandbox import Sandbox
from orders.models import Order
from orders.worker import recovery
from provider import tasks, upstream
from provider.choices import Upstream, clock_speed
from provider.models import ApiKey, ProviderHealth
from team.encryption import DecryptionFailed
from tests.conftest import confirmed
from tests.factories import make_administrator, make_order, make_user
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db
KEY = "CANARY-7f3a51c09e"
PAGE = "/admin/provider/apikey/1/change/"


@pytest.fixture(autouse=True)
def fresh(monkeypatch, db):
    """The stored key is read with every question, as it would be after a second."""
    monkeypatch.setattr(upstream, "_stored", upstream.Stored())
    monkeypatch.setattr(upstream, "CACHED_FOR", -1)
    cache.clear()  # which counts how often a password was given


@pytest.fixture
def stored():
    ApiKey.current().replace(KEY, make_administrator())


@pytest.fixture
def rung(monkeypatch):
    bells = []
    monkeypatch.setattr(tasks, "enqueue_test", lambda: bells.append("test"))
    return bells


def enter(browser, key):
    return browser.post(PAGE, {"new_key": key}, follow=True)


# --- Which LegitSMS


def test_without_a_key_the_desk_practises():
    assert (upstream.current(), upstream.usable(), upstream.api_key()) == (Upstream.SANDBOX, [Upstream.SANDBOX], "")


def test_with_a_stored_key_it_buys_from_legitsms(stored):
    assert (upstream.current(), upstream.api_key()) == (Upstream.LIVE, KEY)
    assert upstream.usable() == [Upstream.SANDBOX, Upstream.LIVE]


def test_the_environment_wins_over_what_is_stored(stored, settings):
    settings.LEGITSMS_API_KEY = "from the environment"
    assert upstream.api_key() == "from the environment"


def test_a_new_key_makes_a_new_client(stored):
    before = upstream.client(Upstream.LIVE)._client
    ApiKey.current().replace("another key", make_administrator())
    assert upstream.client(Upstream.LIVE)._client is not before


def test_the_same_key_keeps_its_client(stored):
    assert upstream.client(Upstream.LIVE)._client is upstream.client(Upstream.LIVE)._client


def test_the_stored_key_is_read_once_a_second(stored, monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(upstream, "CACHED_FOR", 3600)
    with django_assert_num_queries(1):
        upstream.api_key()
        upstream.current()
        upstream.usable()


def test_only_the_sandbox_has_a_clock_that_runs_faster(settings):
    settings.SANDBOX_SPEED = 10
    assert (clock_speed(Upstream.SANDBOX), clock_speed(Upstream.LIVE)) == (10, 1)


@pytest.mark.parametrize(("bought_from", "wait"), [("live", 120), ("sandbox", 12)])
def test_when_a_number_may_be_cancelled_follows_its_own_legitsms(settings, bought_from, wait):
    settings.SANDBOX_SPEED = 10
    order = make_order("waiting", upstream=bought_from)
    assert order.cancellable_at - order.bought_at == timedelta(seconds=wait)


@pytest.mark.parametrize(("bought_from", "found"), [("live", False), ("sandbox", True)])
def test_which_numbers_are_near_their_end_follows_their_own_legitsms(settings, bought_from, found):
    settings.SANDBOX_SPEED = 10
    make_order("waiting", upstream=bought_from, bought_at=timezone.now() - timedelta(minutes=2))
    assert Order.objects.near_expected_end(timezone.now()).exists() == found


# --- Without the key to the key


@pytest.fixture
def locked(stored, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["a key that never encrypted anything here"]


def test_a_key_that_cannot_be_read_is_never_replaced_by_the_sandbox(locked):
    assert (upstream.current(), upstream.usable()) == (Upstream.LIVE, [Upstream.SANDBOX])
    with pytest.raises(DecryptionFailed):
        upstream.client(Upstream.LIVE)


def test_everybody_is_told_that_the_key_cannot_be_read(locked, alive, desk):
    assert b"The API key cannot be read" in desk.get("/banner/").content


def test_with_a_key_that_cannot_be_read_nothing_is_asked_or_bought(locked, alive, settings):
    from orders.tasks import poll_due

    order = make_order("waiting", upstream="live", next_poll_at=timezone.now())
    poll_due()
    order.refresh_from_db()
    assert (order.status, order.asked_at) == ("waiting", None)


def test_a_key_that_cannot_be_read_can_be_entered_anew(locked, admin_desk):
    enter(admin_desk, KEY)
    assert upstream.api_key() == KEY


# --- The page


def test_an_administrator_enters_the_key(admin_desk):
    enter(admin_desk, f" {KEY}\n")
    assert upstream.api_key() == KEY


def test_the_page_shows_no_more_than_the_last_characters(admin_desk):
    page = enter(admin_desk, KEY).content.decode()
    assert "••••9e" not in page  # two would be too few to tell keys apart
    assert f"••••{KEY[-4:]}" in page
    assert KEY not in page


def test_the_database_holds_the_key_encrypted_only(stored):
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM catalog_apikey")
        assert KEY not in str(cursor.fetchall())


@pytest.mark.parametrize("wrong", ["", "   ", "naïve", "two\nlines", "x" * 201])
def test_what_cannot_be_a_key_is_not_kept(admin_desk, wrong):
    assert enter(admin_desk, wrong).status_code == 200
    assert upstream.api_key() == ""


def test_a_wrong_entry_is_not_shown_again(admin_desk):
    assert "naïve" not in enter(admin_desk, "naïve").content.decode()


def test_with_a_key_in_the_environment_the_page_is_one_to_look_at(admin_desk, settings):
    settings.LEGITSMS_API_KEY = "an-environment-key"
    page = enter(admin_desk, KEY).content.decode()
    assert "••••-key, from LEGITSMS_API_KEY" in page
    assert "new_key" not in page
    assert not ApiKey.current().encrypted_key


@pytest.mark.parametrize(
    "ask", [lambda browser: browser.get(PAGE), lambda browser: browser.post(PAGE, {"new_key": KEY})]
)
def test_a_buyer_is_not_let_near_the_key(ask, desk):
    assert ask(desk).status_code in {302, 403, 404}
    assert upstream.api_key() == ""


def test_staff_without_the_right_cannot_change_the_key():
    browser = confirmed(make_user(role=None, is_staff=True))
    assert browser.post(PAGE, {"new_key": KEY}).status_code == 403
    assert upstream.api_key() == ""


def test_who_changed_the_key_and_when_is_kept(admin_desk):
    enter(admin_desk, KEY)
    assert ApiKey.current().changed_by.is_superuser


# --- The test


TEST = "/admin/provider/apikey/test/"


@pytest.mark.usefixtures("stored", "rung")
@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (NoActivation("NO_ACTIVATION"), "accepted the key (NO_ACTIVATION"),
        (Waiting(), "accepted the key"),
        (BadKey("BAD_KEY"), "did not accept the key (BAD_KEY)"),
        (NotSent("connect"), "could not be reached (connect)"),
        (ServerFault("ERROR_SQL"), "no answer that can be understood (ERROR_SQL)"),
    ],
)
def test_the_worker_asks_and_the_page_says_what_was_answered(admin_desk, upstream_client, answer, told):
    upstream_client.answers = [answer]
    admin_desk.post(TEST)
    tasks.test_key()
    assert told in admin_desk.get(PAGE).content.decode()


def test_the_request_itself_asks_nothing(admin_desk, stored, rung, upstream_client):
    admin_desk.post(TEST)
    assert (upstream_client.calls, rung) == ([], ["test"])


def test_while_it_is_asked_the_page_looks_again(admin_desk, stored, rung):
    admin_desk.post(TEST)
    page = admin_desk.get(PAGE).content.decode()
    assert "Asking LegitSMS…" in page
    assert 'http-equiv="refresh"' in page


def test_a_test_that_nobody_carries_out_says_so(admin_desk, stored):
    ApiKey.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    assert "No worker carried it out" in admin_desk.get(PAGE).content.decode()


def test_a_get_starts_no_test(admin_desk, stored, rung):
    admin_desk.get(TEST)
    assert rung == []


def test_a_buyer_starts_no_test(desk, stored, rung):
    desk.post(TEST)
    assert rung == []


def test_the_answer_for_a_key_replaced_meanwhile_is_dropped(stored):
    asked = ApiKey.current()
    asked.request_test()
    ApiKey.current().replace("another key", None)
    asked.record_answer("LegitSMS accepted the key.")
    assert ApiKey.current().answer == ""


def test_a_bell_without_a_question_asks_nothing(stored, upstream_client):
    tasks.test_key()
    assert upstream_client.calls == []


# --- F37: the key is refused in the middle, and an administrator enters the new one


def test_a_new_key_ends_the_pause_without_a_restart(stored, told):
    ProviderHealth.mark(Upstream.LIVE, bad_key_since=timezone.now())
    ApiKey.current().replace("a new key", make_administrator())
    recovery.trust_new_key()
    assert ProviderHealth.for_upstream(Upstream.LIVE).bad_key_since is None
    assert told == [{"event": "banner"}]


def test_a_key_refused_after_it_was_entered_stays_refused(stored, told):
    ProviderHealth.mark(Upstream.LIVE, bad_key_since=timezone.now())
    recovery.trust_new_key()
    assert ProviderHealth.for_upstream(Upstream.LIVE).bad_key_since
    assert told == []


def test_a_refused_sandbox_is_none_of_the_keys_affairs(stored):
    ProviderHealth.mark(Upstream.SANDBOX, bad_key_since=timezone.now() - timedelta(hours=1))
    recovery.trust_new_key()
    assert ProviderHealth.for_upstream(Upstream.SANDBOX).bad_key_since


def test_a_code_waits_out_the_time_of_a_refused_key(settings, alive, admin_desk):
    """From the refusal by a real server to the code, with nothing restarted in between."""
    from orders.tasks import poll_due, recover

    with Sandbox(speed=60) as sandbox:
        settings.LEGITSMS_URL = sandbox.url
        enter(admin_desk, "bad-and-refused")
        number = upstream._cached_client(sandbox.url, "good").get_number(service="sbnever", country="187", server=1)
        sandbox.deliver(number.activation_id, "482913")
        order = make_order("waiting", upstream="live", activation_id=number.activation_id, next_poll_at=timezone.now())
        poll_due()
        assert (ProviderHealth.for_upstream(Upstream.LIVE).bad_key_since is None, Order.objects.get().status) == (
            False,
            "waiting",
        )
        enter(admin_desk, "good-and-new")
        recover()
        Order.objects.update(next_poll_at=timezone.now())
        poll_due()
    order.refresh_from_db()
    assert (order.status, order.codes.get().text) == ("received", "482913")


# --- Commands


def test_rotated_the_key_needs_the_old_encryption_key_no_more(stored, settings):
    settings.FIELD_ENCRYPTION_KEYS = ["the new key of this desk, long enough", *settings.FIELD_ENCRYPTION_KEYS]
    call_command("rotate_keys", stdout=io.StringIO())
    settings.FIELD_ENCRYPTION_KEYS = settings.FIELD_ENCRYPTION_KEYS[:1]
    assert upstream.api_key() == KEY


def test_what_cannot_be_read_is_not_rotated(locked):
    before = ApiKey.current().encrypted_key
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("rotate_keys")
    assert ApiKey.current().encrypted_key == before


def test_without_a_key_there_is_nothing_to_rotate():
    call_command("rotate_keys", stdout=io.StringIO())
    assert ApiKey.current().encrypted_key == ""


def test_the_provider_is_checked_from_the_command_line(stored, monkeypatch):
    monkeypatch.setattr(upstream, "client", lambda _: FakeClient(BadKey("BAD_KEY")))
    out = io.StringIO()
    call_command("check_provider", stdout=out)
    assert "LegitSMS: LegitSMS did not accept the key (BAD_KEY)." in out.getvalue()


def test_the_provider_cannot_be_checked_with_a_key_that_cannot_be_read(locked):
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("check_provider")


def test_the_banner_leads_an_administrator_to_the_key(admin_desk):
    assert reverse("admin:provider_apikey_changelist").encode() in admin_desk.get("/banner/").content
