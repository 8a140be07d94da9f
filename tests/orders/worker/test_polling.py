from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import pairwise
from threading import Event
from unittest.mock import Mock

import pytest
import time_machine
from django.db import OperationalError, connection
from django.utils import timezone

import legitsms
from legitsms import Closed, Code, Waiting
from orders.intervals import POLL_RECEIVED_EVERY
from orders.lifecycle import answers, buying, settling
from orders.models import Code as StoredCode
from orders.models import Order
from orders.presentation import wording
from orders.worker import poll_leases, polling
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_order, make_received
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db

SANDBOX = Upstream.SANDBOX
NEAREST = timedelta(seconds=2.7)
MINUTE = timedelta(minutes=1)
INTERVAL = timedelta(seconds=3)


def answered(order, result, *, has_trouble=False, sent_at=None):
    lease = polling.Lease(order.pk, order.activation_id, order.next_poll_at or timezone.now(), has_trouble)
    return polling.Answer(lease, result, sent_at or timezone.now())


def due_in(order):
    order.refresh_from_db()
    return order.next_poll_at - timezone.now()


# --- Claiming


def test_a_due_order_is_claimed_once():
    order = make_order("waiting")
    assert [claim.pk for claim in polling.lease_due(SANDBOX)] == [order.pk]
    assert polling.lease_due(SANDBOX) == []


@pytest.mark.parametrize("status", ["requested", "buying", "finished", "cancelled", "closed", "refused", "unclear"])
def test_only_an_order_that_can_get_a_code_is_asked_about(status):
    make_order(status, next_poll_at=timezone.now())
    assert polling.lease_due(SANDBOX) == []


def test_an_order_of_the_other_upstream_is_not_asked_about_here():
    make_order("waiting", upstream="live")
    assert polling.lease_due(SANDBOX) == []


@time_machine.travel("2026-11-22 14:03:30", tick=False)
def test_an_order_keeps_its_own_grid():
    at = timezone.now() - timedelta(milliseconds=200)
    order = make_order("waiting", next_poll_at=at)
    polling.lease_due(SANDBOX)
    order.refresh_from_db()
    assert order.next_poll_at == at + INTERVAL


@pytest.mark.parametrize("seconds", [0, 0.2, 0.3, 1, 2.9, 3, 60, 3600])
def test_however_late_a_claim_is_the_next_one_is_never_nearer_than_the_limit(seconds):
    began = timezone.now()
    order = make_order("waiting", next_poll_at=began - timedelta(seconds=seconds))
    polling.lease_due(SANDBOX)
    order.refresh_from_db()
    assert began + NEAREST < order.next_poll_at <= timezone.now() + INTERVAL


def test_the_longest_due_is_claimed_first(monkeypatch):
    monkeypatch.setattr(poll_leases, "CHUNK", 1)
    make_order("waiting", next_poll_at=timezone.now() - timedelta(seconds=1))
    older = make_order("waiting", next_poll_at=timezone.now() - timedelta(seconds=2))
    assert [claim.pk for claim in polling.lease_due(SANDBOX)] == [older.pk]


@pytest.mark.django_db(transaction=True)
def test_many_workers_that_claim_at_the_same_moment_share_no_order():
    orders = [make_order("waiting") for _ in range(30)]
    found = race(lambda: [claim.pk for claim in polling.lease_due(SANDBOX)], 6)
    assert sorted(sum(found, [])) == sorted(order.pk for order in orders)  # noqa: RUF017


@pytest.mark.django_db(transaction=True)
def test_one_code_heard_by_many_workers_at_the_same_moment_is_stored_once():
    order = make_order("waiting")
    said = race(lambda: answers.record_code(Order.objects.get(pk=order.pk), "123456"), 6)
    order.refresh_from_db()
    assert (said, order.codes.count(), order.version) == ([None] * 6, 1, 2)


@pytest.mark.django_db(transaction=True)
def test_a_code_and_an_end_heard_at_the_same_moment_leave_the_code():
    order = make_order("waiting")
    steps = [Code("123456"), Closed()] * 3
    race(lambda: polling.record_one(Order.objects.get(pk=order.pk), steps.pop()), 6)
    order.refresh_from_db()
    assert (order.status, order.codes.count()) == ("received", 1)


def test_an_order_that_carries_trouble_is_claimed_as_odd():
    make_order("waiting", is_unchecked=True)
    make_order("waiting", unknown_times=1)
    assert [lease.has_trouble for lease in polling.lease_due(SANDBOX)] == [True, True]


def test_an_order_with_a_code_is_asked_about_every_half_a_minute():
    order = make_received(poll_every=POLL_RECEIVED_EVERY)
    polling.lease_due(SANDBOX)
    assert due_in(order) > timedelta(seconds=29)


def test_numbers_start_their_polls_spread_over_the_interval():
    number = legitsms.Number("1", "12345")
    phases = {buying.bought_fields(Order(pk=pk), number, None)["next_poll_at"] for pk in range(1, 13)}
    assert len(phases) == 12
    assert max(phases) - min(phases) > timedelta(seconds=2)


# --- A refused key


def test_with_a_refused_key_one_order_is_probed_every_half_a_minute():
    [make_order("waiting") for _ in range(5)]
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    first, second = polling.lease_due(SANDBOX), polling.lease_due(SANDBOX)
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        third = polling.lease_due(SANDBOX)
    assert [len(first), len(second), len(third)] == [1, 0, 1]


def test_a_refused_key_changes_no_order():
    order = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(legitsms.BadKey("BAD_KEY")))
    order.refresh_from_db()
    assert (order.status, order.version, bool(ProviderHealth.for_upstream("sandbox").bad_key_since)) == (
        "waiting",
        1,
        True,
    )


def test_all_orders_are_asked_again_once_the_key_is_good():
    make_order("waiting")
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    polling.sweep(SANDBOX, FakeClient(Waiting()))
    [make_order("waiting") for _ in range(5)]
    assert len(polling.lease_due(SANDBOX)) == 5


# --- Answers


def test_a_code_is_stored_in_the_sweep_that_reads_it():
    order = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(statuses={order.activation_id: Code("123456")}))
    order.refresh_from_db()
    assert (order.status, order.codes.get().text) == ("received", "123456")


@time_machine.travel("2026-11-22 14:03:30", tick=False)  # so that none of them is asked late
def test_still_waiting_costs_one_update_for_all(django_assert_num_queries):
    orders = [make_order("waiting") for _ in range(20)]
    with django_assert_num_queries(2):  # the answers, and the weather
        polling.record(SANDBOX, [answered(order, Waiting()) for order in orders])


def test_codes_are_written_before_anything_else(monkeypatch):
    orders = [make_order("waiting") for _ in range(3)]
    codes_then = []
    monkeypatch.setattr(polling, "record_unchanged", lambda _answers: codes_then.append(StoredCode.objects.count()))
    polling.record(
        SANDBOX, [answered(order, what) for order, what in zip(orders, [Waiting(), Code("1"), Code("2")], strict=True)]
    )
    assert codes_then == [2]


def test_an_order_that_upstream_ended_is_closed():
    order = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(Closed()))
    order.refresh_from_db()
    assert order.status == "closed"


def test_an_end_while_its_cancel_is_under_way_is_left_to_the_cancel_which_knows_of_the_refund():
    order = make_order("waiting", cancel_at=timezone.now(), is_sending_action=True)
    polling.sweep(SANDBOX, FakeClient(Closed()))
    order.refresh_from_db()
    assert order.status == "waiting"


def test_an_answer_that_comes_after_the_end_changes_nothing():
    order = make_order("cancelled")
    polling.record(SANDBOX, [answered(order, Waiting())])
    order.refresh_from_db()
    assert (order.status, order.version) == ("cancelled", 1)


def test_the_end_that_a_slow_poller_heard_takes_no_code_away():
    order = make_order("waiting")
    answers.record_code(Order.objects.get(pk=order.pk), "123456")
    polling.record_one(order, Closed())
    order.refresh_from_db()
    assert (order.status, order.codes.count()) == ("received", 1)


def test_an_order_whose_answer_cannot_be_recorded_holds_no_other_back(monkeypatch, caplog):
    poison, other = make_order("waiting"), make_order("waiting")
    right = answers.record_code
    monkeypatch.setattr(answers, "record_code", lambda order, text: right(order, {poison.pk: None}.get(order.pk, text)))
    polling.record(SANDBOX, [answered(poison, Code("1")), answered(other, Code("2"))])
    other.refresh_from_db()
    assert other.status == "received"
    assert f"order {poison.pk} could not be recorded" in caplog.text


def poison(pk):
    """News of order `pk` that cannot be recorded, whatever is done."""
    order = Order.objects.get(pk=pk)
    polling.record(SANDBOX, [answered(order, Code(None))])
    return Order.objects.get(pk=pk)


def test_an_order_whose_answer_cannot_be_recorded_needs_a_person():
    order = poison(make_order("waiting").pk)
    assert (order.status, order.needs_attention, order.version) == ("waiting", True, 2)
    assert wording.message(order).startswith("The desk cannot record LegitSMS's answer")
    assert wording.event_text(order.events.get()) == "LegitSMS's answer could not be recorded"


def test_an_order_whose_answer_cannot_be_recorded_is_asked_ever_more_slowly():
    order = make_order("waiting")
    pauses = [poison(order.pk).next_poll_at - timezone.now() for _ in range(8)]
    assert [round(pause / MINUTE) for pause in pauses] == [1, 2, 4, 8, 16, 32, 60, 60]


def test_an_order_that_was_set_aside_still_gets_its_code():
    order = poison(make_order("waiting").pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        polling.sweep(SANDBOX, FakeClient(Code("123456")))
    order.refresh_from_db()
    assert (order.status, order.needs_attention, order.problem) == ("received", False, "")


def test_a_database_that_is_away_is_no_fault_of_the_order(monkeypatch):
    order = make_order("waiting")
    monkeypatch.setattr(answers, "record_code", database_away)
    polling.record(SANDBOX, [answered(order, Code("123456"))])
    order.refresh_from_db()
    assert (order.version, order.needs_attention) == (1, False)


def test_a_code_is_written_over_a_new_connection_when_the_database_ended_the_old_one(monkeypatch):
    write = Mock(side_effect=[OperationalError("cut"), None])
    monkeypatch.setattr(answers, "record_code", write)
    monkeypatch.setattr(polling, "connection", Mock(**{"is_usable.return_value": False}))
    polling.record(SANDBOX, [answered(make_order("waiting"), Code("123456"))])
    assert (write.call_count, polling.connection.close.call_count) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_while_a_savepoint_is_undone_is_no_fault_of_the_order(monkeypatch):
    order = make_received("123456")  # a second code finds it received already, and undoes a savepoint
    monkeypatch.setattr(connection, "savepoint_rollback", database_away)
    polling.record(SANDBOX, [answered(order, Code("654321"))])
    order.refresh_from_db()
    assert (order.version, order.needs_attention, order.problem) == (1, False, "")


def database_away(*_):
    raise OperationalError("the database went away")


def test_a_question_that_fails_in_an_unforeseen_way_holds_no_other_back():
    poison, other = make_order("waiting"), make_order("waiting")
    statuses = {poison.activation_id: ValueError("unforeseen"), other.activation_id: Code("123456")}
    polling.sweep(SANDBOX, FakeClient(statuses=statuses))
    other.refresh_from_db()
    assert other.status == "received"


@pytest.mark.parametrize("has_trouble", [False, True])
@pytest.mark.parametrize("what", [Waiting(), legitsms.Uncertain("timeout"), legitsms.NoActivation("NO_ACTIVATION")])
def test_the_answer_of_an_order_asked_late_moves_its_next_poll_away(has_trouble, what):
    order = make_order("waiting", next_poll_at=timezone.now() - timedelta(seconds=2))
    with time_machine.travel(timezone.now(), tick=False):
        polling.record(SANDBOX, [answered(order, what, has_trouble=has_trouble)])
        assert due_in(order) > NEAREST


def test_the_late_answer_that_ends_an_order_brings_no_further_poll():
    order = make_order("waiting", next_poll_at=timezone.now() - timedelta(seconds=2))
    polling.record(SANDBOX, [answered(order, Closed())])
    order.refresh_from_db()
    assert order.next_poll_at is None


# --- Late truths: an end that is not certain is asked on for ten minutes


def ended_in_doubt():
    """A cancel that got no answer, and then STATUS_CANCEL: nobody said that it was ours."""
    order = make_order("waiting", cancel_at=timezone.now())
    answers.record_closed(order)
    return order


def later(**span):
    return time_machine.travel(timezone.now() + timedelta(**span))


def test_a_code_that_comes_after_an_uncertain_end_is_shown_and_announced(told, django_capture_on_commit_callbacks):
    order = ended_in_doubt()
    with later(seconds=61), django_capture_on_commit_callbacks(execute=True):
        polling.sweep(SANDBOX, FakeClient(Code("123456")))
    order.refresh_from_db()
    assert (order.status, order.codes.get().text, order.ask_until) == ("received", "123456", None)
    assert "123456" in told[-1]["cards"]["acts codes"]


def test_an_uncertain_end_is_asked_about_once_a_minute_for_ten_minutes():
    ended_in_doubt()
    asked = []
    for seconds in range(0, 3600, 10):
        with later(seconds=seconds):
            asked += [seconds for _ in polling.lease_due(SANDBOX)]
    assert 10 <= len(asked) <= 11
    assert min(b - a for a, b in pairwise(asked)) >= 60
    assert Order.objects.get().next_poll_at is None


@pytest.mark.parametrize(
    "answer", [Waiting(), Closed(), legitsms.NoActivation("NO_ACTIVATION"), legitsms.Uncertain("timeout")]
)
def test_an_order_that_ended_changes_by_a_code_alone(answer):
    order = ended_in_doubt()
    for minutes in (2, 4, 6, 8):
        with later(minutes=minutes):
            polling.sweep(SANDBOX, FakeClient(answer))
    version = order.version
    order.refresh_from_db()
    assert (order.status, order.version, order.needs_attention, order.is_unchecked) == ("closed", version, False, False)


@pytest.mark.parametrize("end", [answers.record_cancelled, answers.record_closed])
def test_a_certain_end_is_not_asked_about(end):
    order = make_order("waiting", cancel_at=timezone.now() if end is answers.record_cancelled else None)
    end(order)
    with later(seconds=90):
        assert polling.lease_due(SANDBOX) == []


def test_what_was_written_off_with_its_id_is_asked_about():
    order = make_order("unclear", activation_id="550011")
    settling.write_off(order, order.owner)
    with later(seconds=61):
        assert [claim.pk for claim in polling.lease_due(SANDBOX)] == [order.pk]


def test_a_write_off_without_an_id_leaves_nothing_to_ask():
    order = make_order("unclear")
    settling.write_off(order, order.owner)
    assert (order.ask_until, order.next_poll_at) == (None, None)


# --- Faults


@pytest.mark.parametrize("failures", [0, 1, 2, 3, 4, 5, 1000])
def test_failing_polls_come_ever_later_but_never_nearer_than_the_limit(failures):
    order = make_order("waiting", poll_failures=failures)
    answers.record_no_answer(order, "timeout")
    steady = min(3 * 2 ** min(failures, 5), 30)
    assert max(NEAREST, timedelta(seconds=steady * 0.7)) < due_in(order) <= timedelta(seconds=steady * 1.3)


@pytest.mark.parametrize("attempt", range(20))
def test_jitter_never_brings_a_repeated_question_nearer_than_the_limit(attempt):
    order = make_order("waiting")
    answers.record_no_answer(order, "connect")
    assert due_in(order) > NEAREST - timedelta(milliseconds=20)


@pytest.mark.parametrize(
    "fault", [legitsms.NotSent("connect"), legitsms.Uncertain("empty"), legitsms.Uncertain("size")]
)
def test_a_fault_ends_no_order(fault):
    order = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(fault))
    order.refresh_from_db()
    assert (order.status, order.poll_failures, order.problem) == ("waiting", 1, fault.kind)


def test_the_same_fault_again_is_no_news():
    order = make_order("waiting")
    answers.record_no_answer(order, "timeout")
    answers.record_no_answer(Order.objects.get(pk=order.pk), "timeout")
    assert order.events.count() == 1


def test_after_half_a_minute_without_an_answer_the_card_says_so():
    order = make_order("waiting", polled_at=timezone.now() - timedelta(seconds=31), problem="timeout")
    answers.record_no_answer(order, "timeout")
    assert (order.is_unchecked, wording.event_text(order.events.get())) == (True, "Not checked for half a minute")


def test_the_card_says_so_once():
    order = make_order("waiting", polled_at=timezone.now() - timedelta(seconds=31), problem="timeout")
    answers.record_no_answer(order, "timeout")
    answers.record_no_answer(order, "timeout")
    assert order.events.count() == 1


def test_one_order_without_an_answer_is_no_silence_of_legitsms():
    orders = [make_order("waiting") for _ in range(2)]
    polling.record(SANDBOX, [answered(orders[0], legitsms.Uncertain("timeout")), answered(orders[1], Waiting())])
    assert ProviderHealth.for_upstream("sandbox").silent_since is None


def test_a_batch_without_an_answer_is_no_silence_while_others_are_answered():
    orders = [make_order("waiting") for _ in range(2)]
    polling.record(SANDBOX, [answered(orders[0], Waiting())])
    polling.record(SANDBOX, [answered(orders[1], legitsms.Uncertain("timeout"))])
    assert ProviderHealth.for_upstream("sandbox").silent_since is None


def test_the_banner_does_not_flicker_while_one_order_hangs(told):
    orders = [make_order("waiting") for _ in range(2)]
    for what in (Waiting(), legitsms.Uncertain("timeout")) * 3:
        polling.record(SANDBOX, [answered(orders[0], Waiting())])
        polling.record(SANDBOX, [answered(orders[1], what)])
    assert [message for message in told if message["event"] == "banner"] == []


@pytest.mark.parametrize("fields", [{"upstream": "live"}, {"polled_at": timezone.now() - timedelta(seconds=11)}])
def test_answers_of_long_ago_or_of_another_upstream_break_no_silence(fields):
    make_order("waiting", **{"polled_at": timezone.now()} | fields)
    polling.record(SANDBOX, [answered(make_order("waiting"), legitsms.NotSent("connect"))])
    assert ProviderHealth.for_upstream("sandbox").silent_since


def test_no_answer_to_any_question_is_silence():
    orders = [make_order("waiting") for _ in range(2)]
    polling.record(SANDBOX, [answered(order, legitsms.NotSent("connect")) for order in orders])
    assert ProviderHealth.for_upstream("sandbox").silent_since


def test_an_unknown_order_ends_nothing_at_first():
    order = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(legitsms.NoActivation("NO_ACTIVATION")))
    order.refresh_from_db()
    assert (order.status, order.unknown_times, order.needs_attention) == ("waiting", 1, False)


@pytest.mark.parametrize(("times", "seconds", "needs"), [(1, 61, False), (2, 59, False), (2, 61, True), (99, 61, True)])
def test_an_order_needs_a_person_when_it_was_unknown_three_times_over_a_minute(times, seconds, needs):
    order = make_order("waiting", unknown_times=times, unknown_since=timezone.now() - timedelta(seconds=seconds))
    answers.record_no_activation(order)
    order.refresh_from_db()
    assert (order.status, order.needs_attention) == ("waiting", needs)


def test_an_order_that_was_unknown_for_long_is_asked_on_once_a_minute():
    order = make_order("waiting", unknown_times=2, unknown_since=timezone.now() - timedelta(seconds=61))
    answers.record_no_activation(order)
    order.refresh_from_db()
    assert order.poll_every == timedelta(minutes=1)
    assert wording.message(order).startswith("LegitSMS does not know order")


def test_a_code_still_comes_to_an_order_that_was_unknown():
    order = make_order("waiting", unknown_times=50, needs_attention=True)
    polling.sweep(SANDBOX, FakeClient(Code("123456")))
    order.refresh_from_db()
    assert order.status == "received"


# --- Slow answers


@pytest.fixture
def held(transactional_db, monkeypatch):
    """An upstream that holds its answers until the event is set, and a sweep that does not stay for them."""
    event, pool = Event(), ThreadPoolExecutor(2)
    monkeypatch.setattr(polling, "SWEEP_TIMEOUT", 1)
    monkeypatch.setattr(polling, "threads", lambda: pool)
    yield event
    event.set()
    pool.shutdown()


def test_a_slow_answer_holds_no_other_back(held):
    slow, quick = make_order("waiting"), make_order("waiting")
    statuses = {slow.activation_id: lambda: held.wait(30) and Waiting(), quick.activation_id: Code("123456")}
    polling.sweep(SANDBOX, FakeClient(statuses=statuses))
    quick.refresh_from_db()
    assert quick.status == "received"


def test_nobody_asks_about_a_slow_order_before_its_deadline(held):
    slow = make_order("waiting")
    polling.sweep(SANDBOX, FakeClient(lambda: held.wait(30) and Waiting()))
    assert due_in(slow) > timedelta(seconds=7)


def test_a_late_answer_is_written_when_it_comes(held, monkeypatch):
    slow, written = make_order("waiting"), Event()
    right = polling.record_late
    monkeypatch.setattr(polling, "record_late", lambda *given: right(*given) or written.set())
    polling.sweep(SANDBOX, FakeClient(lambda: held.wait(30) and Code("123456")))
    held.set()
    assert written.wait(30)
    assert slow.codes.get().text == "123456"


def test_questions_that_found_no_free_thread_are_not_asked_late_but_in_their_next_turn(held):
    orders = [make_order("waiting") for _ in range(3)]
    client = FakeClient(lambda: held.wait(30) and Waiting())
    polling.sweep(SANDBOX, client)
    assert len(client.calls) == 2
    assert sorted(due_in(order) > timedelta(seconds=7) for order in orders) == [False, True, True]


def test_each_upstream_is_swept_with_its_own_client():
    make_order("waiting", upstream="live", activation_id="live1")
    make_order("waiting", upstream="sandbox", activation_id="sandbox1")
    live, sandbox = FakeClient(), FakeClient()
    polling.sweep_all([(Upstream.LIVE, live), (Upstream.SANDBOX, sandbox)])
    assert (live.asked, sandbox.asked) == ([("live1",)], [("sandbox1",)])
