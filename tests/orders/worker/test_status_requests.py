from datetime import timedelta

import pytest
from django.utils import timezone

import legitsms
from legitsms import Closed, Code, Waiting
from orders.intervals import POLL_EVERY, POLL_RECEIVED_EVERY
from orders.lifecycle.answers import record_status
from orders.presentation import wording
from orders.worker.journal import CodeRecord, codes
from orders.worker.status_requests import describe, record_health, request_status
from provider.models import ProviderHealth
from tests.factories import make_order, make_received
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db


def test_a_code_is_on_the_disk_before_it_is_in_the_database(log):
    assert request_status("live", "550011", FakeClient(Code("482913"))) == Code("482913")
    assert sum(codes(log.folder).values(), []) == [CodeRecord("live", "550011", "482913")]  # noqa: RUF017


def test_what_is_no_code_is_not_written_down(log):
    assert [request_status("live", "550011", FakeClient(said)) for said in (Waiting(), Closed())] == [
        Waiting(),
        Closed(),
    ]
    assert sum(codes(log.folder).values(), []) == []  # noqa: RUF017


def test_a_code_is_told_although_the_journal_has_no_room(data_dir):
    (data_dir / "journal").write_text("a file where a folder should be")
    assert request_status("live", "550011", FakeClient(Code("482913"))) == Code("482913")


def test_room_for_a_code_is_taken_before_it_comes(log):
    request_status("live", "550011", FakeClient(Waiting()))
    assert len(list(log.folder.iterdir())) == 1


def test_a_code_settles_an_order():
    order = make_order("waiting")
    assert record_status(order, Code("123456"))
    assert order.status == "received"


def test_still_waiting_settles_nothing():
    order = make_order("waiting")
    assert not record_status(order, Waiting())
    assert (order.status, order.events.count()) == ("waiting", 0)


def test_the_end_of_a_waiting_order_settles_it():
    order = make_order("waiting")
    assert record_status(order, Closed())
    assert order.status == "closed"


def test_the_end_of_an_order_with_a_code_leaves_code_and_state_alone():
    order = make_received()
    record_status(order, Closed())
    assert (order.status, order.codes.count(), order.next_poll_at) == ("received", 1, None)
    assert wording.event_text(order.events.get()) == "LegitSMS has ended the order"


def test_a_second_message_joins_the_first():
    order = make_received("123456")
    record_status(order, Code("654321"))
    assert [code.text for code in order.codes.all()] == ["123456", "654321"]
    assert wording.event_text(order.events.get()) == "Another message received"


@pytest.mark.parametrize("status", ["waiting", "received"])
@pytest.mark.parametrize("answer", [Waiting(), Code("123456")])
def test_a_good_answer_takes_every_sign_of_trouble_away(status, answer):
    trouble = {"is_unchecked": True, "poll_failures": 4, "problem": "timeout", "unknown_times": 2}
    order = make_order(status, **trouble, needs_attention=True, unknown_since=timezone.now())
    order.codes.create(text="123456")
    record_status(order, answer)
    order.refresh_from_db()
    assert (order.is_unchecked, order.needs_attention, order.unknown_since) == (False, False, None)
    assert (order.poll_failures, order.problem, order.unknown_times) == (0, "", 0)


@pytest.mark.parametrize(("status", "every"), [("waiting", POLL_EVERY), ("received", POLL_RECEIVED_EVERY)])
def test_after_trouble_an_order_is_asked_as_often_as_before(status, every):
    order = make_order(status, is_unchecked=True, poll_every=timedelta(minutes=1))
    record_status(order, Waiting())
    assert order.poll_every == every


def test_an_order_with_a_code_was_checked_when_its_code_was_heard_again():
    order = make_received("123456", polled_at=timezone.now() - timedelta(minutes=5))
    record_status(order, Code("123456"))
    order.refresh_from_db()
    assert timezone.now() - order.polled_at < timedelta(seconds=5)


def test_what_upstream_said_is_kept_with_how_it_began():
    assert describe(legitsms.Uncertain("HTTP 503", "<html>")) == "HTTP 503: <html>"
    assert describe(legitsms.NotSent("tls")) == "tls"


@pytest.mark.parametrize(
    ("fault", "begun"),
    [
        (legitsms.BadKey("BAD_KEY"), {"bad_key_since"}),
        (legitsms.NoBalance("NO_BALANCE"), {"no_balance_since"}),
        (legitsms.NotSent("connect"), {"silent_since"}),
        (legitsms.Uncertain("timeout"), {"silent_since"}),
        (legitsms.NotSent("certificate"), {"untrusted_since"}),
        (legitsms.NoActivation("NO_ACTIVATION"), set()),
        (None, set()),
    ],
)
def test_each_trouble_is_noted_under_its_own_name(fault, begun):
    record_health("sandbox", fault)
    weather = ProviderHealth.for_upstream("sandbox")
    names = ("bad_key_since", "no_balance_since", "silent_since", "untrusted_since")
    assert {name for name in names if getattr(weather, name)} == begun


def test_a_trouble_that_goes_on_keeps_its_beginning():
    began = timezone.now() - timedelta(minutes=5)
    ProviderHealth.mark("sandbox", silent_since=began)
    record_health("sandbox", legitsms.NotSent("connect"))
    assert ProviderHealth.for_upstream("sandbox").silent_since == began


def test_a_good_answer_ends_silence_and_a_refused_key():
    ProviderHealth.mark("sandbox", silent_since=timezone.now(), bad_key_since=timezone.now())
    record_health("sandbox", None)
    weather = ProviderHealth.for_upstream("sandbox")
    assert (weather.silent_since, weather.bad_key_since) == (None, None)


@pytest.mark.parametrize("answer", [None, legitsms.BadKey("BAD_KEY"), legitsms.NoBalance("NO_BALANCE")])
def test_any_answer_shows_that_legitsms_is_trusted_again(answer):
    ProviderHealth.mark("sandbox", untrusted_since=timezone.now(), silent_since=timezone.now())
    record_health("sandbox", answer)
    weather = ProviderHealth.for_upstream("sandbox")
    assert (weather.untrusted_since, weather.silent_since) == (None, None)


def test_silence_says_nothing_about_the_key():
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    record_health("sandbox", legitsms.NotSent("connect"))
    assert ProviderHealth.for_upstream("sandbox").bad_key_since


def test_every_banner_is_told_of_news(told):
    record_health("sandbox", legitsms.BadKey("BAD_KEY"))
    assert told == [{"event": "banner"}]


def test_no_banner_is_told_of_what_it_shows_already(told):
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    record_health("sandbox", legitsms.BadKey("BAD_KEY"))
    assert told == []


def test_good_weather_costs_one_question(django_assert_num_queries):
    with django_assert_num_queries(1):
        record_health("sandbox", None)


def test_one_upstream_has_its_own_weather():
    record_health("live", legitsms.BadKey("BAD_KEY"))
    assert ProviderHealth.for_upstream("sandbox").bad_key_since is None
