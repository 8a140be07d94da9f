from datetime import timedelta

import pytest
from django.utils import timezone

import legitsms
from legitsms import Closed, Code, Waiting
from orders.hearing import hear, note_weather, read_status, words_of
from orders.journal import Message, messages
from orders.models import Weather
from orders.models.answers import POLL_EVERY, POLL_RECEIVED_EVERY
from tests.factories import make_order, make_received
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db


def test_a_code_is_on_the_disk_before_it_is_in_the_database(log):
    assert read_status("live", "550011", FakeClient(Code("482913"))) == Code("482913")
    assert sum(messages(log.folder).values(), []) == [Message("live", "550011", "482913")]  # noqa: RUF017


def test_what_is_no_code_is_not_written_down(log):
    assert [read_status("live", "550011", FakeClient(said)) for said in (Waiting(), Closed())] == [Waiting(), Closed()]
    assert sum(messages(log.folder).values(), []) == []  # noqa: RUF017


def test_a_code_is_told_although_the_journal_has_no_room(data_dir):
    (data_dir / "journal").write_text("a file where a folder should be")
    assert read_status("live", "550011", FakeClient(Code("482913"))) == Code("482913")


def test_room_for_a_code_is_taken_before_it_comes(log):
    read_status("live", "550011", FakeClient(Waiting()))
    assert len(list(log.folder.iterdir())) == 1


def test_a_code_settles_an_order():
    order = make_order("waiting")
    assert hear(order, Code("123456"))
    assert order.status == "received"


def test_still_waiting_settles_nothing():
    order = make_order("waiting")
    assert not hear(order, Waiting())
    assert (order.status, order.events.count()) == ("waiting", 0)


def test_the_end_of_a_waiting_order_settles_it():
    order = make_order("waiting")
    assert hear(order, Closed())
    assert order.status == "closed"


def test_the_end_of_an_order_with_a_code_leaves_code_and_state_alone():
    order = make_received()
    hear(order, Closed())
    assert (order.status, order.codes.count(), order.next_poll_at) == ("received", 1, None)
    assert order.events.get().told == "LegitSMS has ended the order"


def test_a_second_message_joins_the_first():
    order = make_received("123456")
    hear(order, Code("654321"))
    assert [code.text for code in order.codes.all()] == ["123456", "654321"]
    assert order.events.get().told == "Another message received"


@pytest.mark.parametrize("status", ["waiting", "received"])
@pytest.mark.parametrize("answer", [Waiting(), Code("123456")])
def test_a_good_answer_takes_every_sign_of_trouble_away(status, answer):
    trouble = {"is_unchecked": True, "poll_failures": 4, "problem": "timeout", "unknown_times": 2}
    order = make_order(status, **trouble, needs_attention=True, unknown_since=timezone.now())
    order.codes.create(text="123456")
    hear(order, answer)
    order.refresh_from_db()
    assert (order.is_unchecked, order.needs_attention, order.unknown_since) == (False, False, None)
    assert (order.poll_failures, order.problem, order.unknown_times) == (0, "", 0)


@pytest.mark.parametrize(("status", "every"), [("waiting", POLL_EVERY), ("received", POLL_RECEIVED_EVERY)])
def test_after_trouble_an_order_is_asked_as_often_as_before(status, every):
    order = make_order(status, is_unchecked=True, poll_every=timedelta(minutes=1))
    hear(order, Waiting())
    assert order.poll_every == every


def test_an_order_with_a_code_was_checked_when_its_code_was_heard_again():
    order = make_received("123456", polled_at=timezone.now() - timedelta(minutes=5))
    hear(order, Code("123456"))
    order.refresh_from_db()
    assert timezone.now() - order.polled_at < timedelta(seconds=5)


def test_what_upstream_said_is_kept_with_how_it_began():
    assert words_of(legitsms.Uncertain("HTTP 503", "<html>")) == "HTTP 503: <html>"
    assert words_of(legitsms.NotSent("tls")) == "tls"


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
    note_weather("sandbox", fault)
    weather = Weather.of("sandbox")
    names = ("bad_key_since", "no_balance_since", "silent_since", "untrusted_since")
    assert {name for name in names if getattr(weather, name)} == begun


def test_a_trouble_that_goes_on_keeps_its_beginning():
    began = timezone.now() - timedelta(minutes=5)
    Weather.mark("sandbox", silent_since=began)
    note_weather("sandbox", legitsms.NotSent("connect"))
    assert Weather.of("sandbox").silent_since == began


def test_a_good_answer_ends_silence_and_a_refused_key():
    Weather.mark("sandbox", silent_since=timezone.now(), bad_key_since=timezone.now())
    note_weather("sandbox", None)
    weather = Weather.of("sandbox")
    assert (weather.silent_since, weather.bad_key_since) == (None, None)


@pytest.mark.parametrize("answer", [None, legitsms.BadKey("BAD_KEY"), legitsms.NoBalance("NO_BALANCE")])
def test_any_answer_shows_that_legitsms_is_trusted_again(answer):
    Weather.mark("sandbox", untrusted_since=timezone.now(), silent_since=timezone.now())
    note_weather("sandbox", answer)
    weather = Weather.of("sandbox")
    assert (weather.untrusted_since, weather.silent_since) == (None, None)


def test_silence_says_nothing_about_the_key():
    Weather.mark("sandbox", bad_key_since=timezone.now())
    note_weather("sandbox", legitsms.NotSent("connect"))
    assert Weather.of("sandbox").bad_key_since


def test_every_banner_is_told_of_news(told):
    note_weather("sandbox", legitsms.BadKey("BAD_KEY"))
    assert told == [{"event": "banner"}]


def test_no_banner_is_told_of_what_it_shows_already(told):
    Weather.mark("sandbox", bad_key_since=timezone.now())
    note_weather("sandbox", legitsms.BadKey("BAD_KEY"))
    assert told == []


def test_good_weather_costs_one_question(django_assert_num_queries):
    with django_assert_num_queries(1):
        note_weather("sandbox", None)


def test_one_upstream_has_its_own_weather():
    note_weather("live", legitsms.BadKey("BAD_KEY"))
    assert Weather.of("sandbox").bad_key_since is None
