from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

import legitsms
from legitsms import Closed, Closing, Code, Number, Waiting
from legitsms.error_words import ERROR_WORDS, Call, refusals
from orders.lifecycle import answers, buying, closing, settling
from orders.lifecycle.buying import CONNECT_TRIES
from orders.models import Heartbeat, Order, StaleOrder
from orders.presentation import OrderCard, wording
from orders.worker import polling, purchasing, recovery, reported_purchases
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_heartbeats, make_line, make_order, make_received, make_user
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db

NUMBER = Number("550011", "12025550199")
DOUBTS = ["timeout", "connection", "redirect", "HTTP 503", "encoding", "size", "empty", "not understood"]
TOO_EARLY = legitsms.TooEarly("ERROR_WAIT_2_MINUTES")
MINUTES = timedelta(minutes=1)
SANDBOX = Upstream.SANDBOX
NEAREST = timedelta(seconds=2.7)
SAME = Code("123456")  # what `make_received` has


def cancel_due(**fields):
    """A waiting order whose cancel is due."""
    return make_order("waiting", cancel_at=timezone.now(), **fields)


def finish_due(**fields):
    return make_received(finish_at=timezone.now(), **fields)


def texts(order):
    return [code.text for code in order.codes.all()]


# --- Buying


def test_an_order_is_bought_at_most_once(alive, log):
    order, client = make_order(), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    with pytest.raises(StaleOrder):
        purchasing.buy(order, client, log)
    assert client.calls == ["get_number"]


def test_a_number_is_bought_with_the_codes_that_the_server_lists(alive, log):
    client = FakeClient(NUMBER)
    purchasing.buy(make_order(service="wa", country="187", server=2), client, log)
    assert client.asked == [("wa", "187", 2)]


def test_a_bought_number_stands_on_its_order(alive, log):
    order = make_order()
    purchasing.buy(order, FakeClient(NUMBER), log)
    assert (order.status, order.activation_id, order.phone) == ("waiting", "550011", "12025550199")


def test_the_order_is_claimed_before_the_request_leaves(alive, log):
    order, seen = make_order(), []
    client = FakeClient(lambda: seen.append(Order.objects.get(pk=order.pk).status) or NUMBER)
    purchasing.buy(order, client, log)
    assert seen == ["buying"]


def test_the_answer_is_in_the_journal_before_it_is_in_the_database(alive, log, monkeypatch):
    order, steps = make_order(), []
    monkeypatch.setattr(log, "write", lambda entry: steps.append(Order.objects.get(pk=order.pk).status))
    purchasing.buy(order, FakeClient(NUMBER), log)
    assert steps == ["buying"]


def test_an_answer_that_the_journal_cannot_take_still_reaches_the_database(alive, log, monkeypatch):
    order = make_order()
    monkeypatch.setattr(log, "write", full_disk)
    with pytest.raises(OSError, match="No space left"):
        purchasing.buy(order, FakeClient(NUMBER), log)
    assert Order.objects.get(pk=order.pk).activation_id == "550011"


def full_disk(_entry):
    raise OSError("No space left on device")


@pytest.mark.parametrize("word", sorted(refusals(Call.GET_NUMBER)))
def test_a_refusal_of_the_protocol_ends_the_order_and_says_that_nothing_was_bought(alive, log, word):
    order = make_order()
    purchasing.buy(order, FakeClient(ERROR_WORDS[word].error(word)), log)
    assert (order.status, order.outcome) == ("refused", word)
    assert wording.message(order).endswith("Nothing was bought.")


@pytest.mark.parametrize("kind", [*DOUBTS, "ERROR_SQL", "SQL_ERROR"])
def test_an_answer_without_meaning_leaves_the_order_unclear(alive, log, kind):
    order = make_order()
    purchasing.buy(order, FakeClient(legitsms.Uncertain(kind, "<html>")), log)
    assert (order.status, order.events.last().detail) == ("unclear", f"{kind}: <html>")
    assert wording.message(order).endswith("Look in your LegitSMS account before buying again.")


def test_an_unclear_order_is_never_sent_again(alive, log):
    order, client = make_order(), FakeClient(legitsms.Uncertain("timeout"), NUMBER)
    purchasing.buy(order, client, log)
    with pytest.raises(StaleOrder):
        purchasing.buy(order, client, log)
    assert client.calls == ["get_number"]


def test_a_request_that_was_not_sent_goes_back_to_the_queue(alive, log):
    order = make_order()
    purchasing.buy(order, FakeClient(legitsms.NotSent("connect")), log)
    assert (order.status, order.connect_failures) == ("requested", 1)
    assert wording.message(order) == "LegitSMS cannot be reached. Nothing was sent; trying again."


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (1, 2)])
def test_the_queue_waits_longer_after_each_failed_try(alive, log, failures, seconds):
    order = make_order(connect_failures=failures)
    purchasing.buy(order, FakeClient(legitsms.NotSent("connect")), log)
    pause = order.next_attempt_at - timezone.now()
    assert timedelta(seconds=seconds - 0.5) < pause <= timedelta(seconds=seconds)


def test_an_order_is_not_claimed_again_before_its_pause_is_over(alive, log):
    order, client = make_order(), FakeClient(legitsms.NotSent("connect"))
    purchasing.buy(order, client, log)
    with pytest.raises(StaleOrder):
        purchasing.buy(order, client, log)
    assert client.calls == ["get_number"]


@pytest.mark.parametrize(("kind", "outcome"), [("name", "unreachable"), ("certificate", "certificate")])
def test_the_third_try_that_cannot_be_sent_is_the_last(alive, log, kind, outcome):
    order = make_order(connect_failures=CONNECT_TRIES - 1)
    purchasing.buy(order, FakeClient(legitsms.NotSent(kind)), log)
    assert (order.status, order.outcome) == ("refused", outcome)


def test_a_number_that_another_order_has_leaves_the_second_one_unclear(alive, log):
    first, second = make_order("waiting", activation_id="550011"), make_order()
    purchasing.buy(second, FakeClient(NUMBER), log)
    first.refresh_from_db()
    assert (first.status, first.phone, second.status) == ("waiting", "12025550123", "unclear")
    assert wording.message(second).startswith("LegitSMS answered with a number that another order already has.")


def test_an_answer_after_the_order_was_called_unclear_still_counts(alive, log):
    order = make_order()
    client = FakeClient(lambda: buying.record_unclear(Order.objects.get(pk=order.pk), "worker lost") or NUMBER)
    purchasing.buy(order, client, log)
    assert (order.status, order.phone) == ("waiting", "12025550199")


# --- A cancel pressed too soon


def test_a_cancel_pressed_while_the_number_is_bought_is_planned_for_when_it_is_allowed(alive, log):
    order = make_order()
    client = FakeClient(lambda: closing.request_cancel(Order.objects.get(pk=order.pk), order.owner) or NUMBER)
    purchasing.buy(order, client, log)
    assert (order.status, OrderCard(order).state, order.cancel_at) == (
        "waiting",
        "cancel-planned",
        order.cancellable_at,
    )


def test_a_cancel_pressed_while_the_number_is_bought_is_kept_until_a_doubt_is_settled(alive, log):
    order, settler = make_order(), make_user()
    doubt = legitsms.Uncertain("timeout")
    purchasing.buy(
        order, FakeClient(lambda: closing.request_cancel(Order.objects.get(pk=order.pk), settler) or doubt), log
    )
    settling.settle_bought(order, settler, NUMBER)
    assert (order.status, order.cancel_at) == ("waiting", order.cancellable_at)


def test_a_purchase_that_could_not_be_sent_is_not_tried_again_when_a_cancel_is_wished(alive, log):
    order, failure = make_order(), legitsms.NotSent("connect")
    client = FakeClient(lambda: closing.request_cancel(Order.objects.get(pk=order.pk), order.owner) or failure)
    purchasing.buy(order, client, log)
    assert (order.status, order.outcome) == ("refused", "withdrawn")


# --- What forbids buying


def test_nothing_is_bought_while_nobody_polls(db, log):
    order, client = make_order(), FakeClient(NUMBER)
    make_heartbeats("beat")
    purchasing.buy(order, client, log)
    assert (order.status, order.outcome, client.calls) == ("refused", "nobody polls", [])


def test_a_heartbeat_of_half_a_minute_ago_counts_no_more(alive, log):
    Heartbeat.objects.filter(name="beat").update(at=timezone.now() - timedelta(seconds=31))
    order, client = make_order(), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("nobody polls", [])


def test_nothing_is_bought_for_a_request_that_is_too_old(alive, log):
    order, client = make_order(not_after=timezone.now()), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("too old", [])


def test_nothing_is_bought_with_a_key_that_was_refused(alive, log):
    ProviderHealth.mark("sandbox", bad_key_since=timezone.now())
    order, client = make_order(), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("BAD_KEY", [])


def test_nothing_is_bought_while_a_part_of_the_journal_cannot_be_read(alive, log, data_dir):
    (data_dir / "journal/1-damaged").mkdir(parents=True)  # it may hold the very number of this order
    order, client = make_order(), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("journal", [])


def test_nothing_is_bought_while_the_journal_has_no_room(alive, log, data_dir):
    (data_dir / "journal").write_text("a file where the folder should be")
    order, client = make_order(), FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("journal", [])


@pytest.mark.parametrize("earlier", ["refused", "unclear"])
def test_the_rest_of_a_purchase_stops_where_one_number_was_not_had(alive, log, earlier):
    _, order = make_line(earlier, "requested")
    client = FakeClient(NUMBER)
    purchasing.buy(order, client, log)
    assert (order.outcome, client.calls) == ("stopped", [])


def test_every_hindrance_has_a_sentence_that_says_nothing_was_bought():
    words = ["permission", "too old", "stopped", "nobody polls", "BAD_KEY", "journal", "unreachable", "certificate"]
    told = [wording.message(make_order("refused", outcome=word)) for word in words]
    assert [text for text in told if not text.endswith("Nothing was bought.") or "LegitSMS refused" in text] == []


# --- One after the other


def test_the_next_number_of_a_purchase_gets_its_time_anew():
    first, second = make_line("waiting", "requested")
    Order.objects.filter(pk=second.pk).update(not_after=timezone.now())
    assert purchasing.next_in_line(first) == second
    second.refresh_from_db()
    assert second.not_after > timezone.now() + timedelta(seconds=110)


@pytest.mark.parametrize("status", ["requested", "buying"])
def test_nothing_follows_while_the_number_before_is_still_being_bought(status):
    first, _ = make_line(status, "requested")
    Order.objects.filter(pk=first.pk).update(next_attempt_at=timezone.now() + MINUTES)
    assert purchasing.next_in_line(first) is None


def test_nothing_follows_the_last_number():
    [only] = make_line("waiting")
    assert purchasing.next_in_line(only) is None


# --- The weather


@pytest.mark.parametrize(
    ("word", "trouble"), [("BAD_KEY", "bad_key_since"), ("NO_KEY", "bad_key_since"), ("NO_MONEY", "no_balance_since")]
)
def test_a_refusal_that_concerns_the_whole_team_is_kept_for_the_banner(alive, log, word, trouble):
    purchasing.buy(make_order(), FakeClient(ERROR_WORDS[word].error(word)), log)
    assert getattr(ProviderHealth.for_upstream("sandbox"), trouble)


def test_an_empty_wallet_hinders_no_further_try(alive, log):
    ProviderHealth.mark("sandbox", no_balance_since=timezone.now())
    order = make_order()
    purchasing.buy(order, FakeClient(NUMBER), log)
    assert (order.status, ProviderHealth.for_upstream("sandbox").no_balance_since) == ("waiting", None)


def test_every_banner_is_told_once_when_the_wallet_is_filled_again(alive, log, told):
    ProviderHealth.mark("sandbox", no_balance_since=timezone.now())
    for _ in range(2):
        purchasing.buy(make_order(), FakeClient(NUMBER), log)
    assert told.count({"event": "banner"}) == 1


# --- Cancelling


def test_a_due_cancel_is_sent_and_only_its_confirmation_says_refunded(log):
    order, client = cancel_due(), FakeClient(Waiting(), Closing.CANCELLED)
    purchasing.send_requested_action(order, client)
    assert (order.status, order.refund, client.calls) == ("cancelled", "confirmed", ["get_status", "cancel"])


def test_a_code_that_came_before_the_cancel_wins():
    order, client = cancel_due(), FakeClient(Code("123456"))
    purchasing.send_requested_action(order, client)
    assert (order.status, order.codes.get().text, client.calls) == ("received", "123456", ["get_status"])


def test_a_code_that_comes_back_with_the_cancel_wins():
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(Waiting(), Code("123456")))
    assert (order.status, order.codes.get().text) == ("received", "123456")


def test_an_order_that_ended_before_its_cancel_was_sent_is_not_called_refunded():
    order, client = cancel_due(), FakeClient(Closed())
    purchasing.send_requested_action(order, client)
    assert (order.status, order.refund, client.calls) == ("closed", "unconfirmed", ["get_status"])


def test_a_cancel_that_is_too_early_waits_and_is_asked_again():
    order = cancel_due(bought_at=timezone.now())
    purchasing.send_requested_action(order, FakeClient(Waiting(), TOO_EARLY))
    assert (order.status, order.cancel_at, order.is_sending_action) == ("waiting", order.cancellable_at, False)


def test_a_cancel_refused_after_its_time_is_repeated_no_sooner_than_in_ten_seconds():
    order = cancel_due(bought_at=timezone.now() - 3 * MINUTES)
    purchasing.send_requested_action(order, FakeClient(Waiting(), TOO_EARLY))
    assert order.cancel_at > timezone.now() + timedelta(seconds=10)


@pytest.mark.parametrize("fault", [legitsms.Uncertain("timeout"), legitsms.ServerFault("ERROR_SQL")])
def test_a_cancel_without_a_clear_answer_cancels_nothing_here(fault):
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(Waiting(), fault, Waiting()))
    assert (order.status, order.is_sending_action, order.cancel_at > timezone.now()) == ("waiting", False, True)


@pytest.mark.parametrize("answer", [legitsms.Uncertain("timeout"), legitsms.AlreadyClosed("BAD_STATUS")])
def test_after_a_cancel_without_a_clear_answer_the_status_decides_and_proves_no_refund(answer):
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(Waiting(), answer, Closed()))
    assert (order.status, order.refund) == ("closed", "unconfirmed")


def test_a_code_is_kept_that_comes_after_a_cancel_without_a_clear_answer():
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(Waiting(), legitsms.Uncertain("timeout"), Code("123456")))
    assert (order.status, order.codes.get().text) == ("received", "123456")


def test_a_cancel_that_upstream_calls_finished_is_decided_by_the_status():
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(Waiting(), Closing.FINISHED, Code("123456")))
    assert order.status == "received"


@pytest.mark.parametrize("fault", [legitsms.NotSent("connect"), legitsms.BadKey("BAD_KEY"), legitsms.Uncertain("size")])
def test_no_cancel_is_sent_while_the_status_cannot_be_asked(fault):
    order, client = cancel_due(), FakeClient(fault)
    purchasing.send_requested_action(order, client)
    assert (order.status, client.calls) == ("waiting", ["get_status"])


def test_a_wish_that_is_not_due_sends_nothing():
    order, client = make_order("waiting", cancel_at=timezone.now() + MINUTES), FakeClient()
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    assert client.calls == []


def test_a_wish_that_was_taken_back_sends_nothing():
    order, client = cancel_due(), FakeClient()
    closing.undo_cancel(Order.objects.get(pk=order.pk), make_user())
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    assert client.calls == []


def test_a_second_worker_does_not_send_the_same_wish():
    order, client = cancel_due(), FakeClient()
    closing.start_sending(Order.objects.get(pk=order.pk))
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    assert client.calls == []


def test_the_wish_of_a_lost_worker_comes_round_again():
    order = cancel_due()
    closing.start_sending(order)
    assert order in Order.objects.with_due_action(timezone.now() + timedelta(seconds=20))


def test_a_cancel_asks_no_sooner_after_a_poll_than_the_next_poll_would():
    order, client = cancel_due(), FakeClient(Waiting(), Closing.CANCELLED)
    polling.lease_due(SANDBOX)
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    assert client.calls == []
    order.refresh_from_db()
    assert order.cancel_at - order.asked_at >= NEAREST


def test_a_poll_that_leaves_at_the_very_moment_of_a_cancel_is_the_only_question(monkeypatch):
    order, client = cancel_due(), FakeClient(Waiting())
    monkeypatch.setattr(closing, "delay_after_poll", lambda *_: polling.lease_due(SANDBOX))
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    assert client.calls == []


def test_a_cancel_that_was_put_off_comes_before_the_next_poll():
    order, client = cancel_due(), FakeClient(Waiting(), Closing.CANCELLED)
    polling.lease_due(SANDBOX)
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    with time_machine.travel(timezone.now() + timedelta(seconds=4)):
        assert polling.lease_due(SANDBOX) == []
        assert recovery.due_actions() == [order.pk]
        purchasing.send_requested_action(order, client)
    assert order.status == "cancelled"


def test_while_a_cancel_is_sent_nobody_polls():
    order = cancel_due()
    purchasing.send_requested_action(
        order, FakeClient(lambda: (polling.lease_due(SANDBOX) and 1 / 0) or Waiting(), Closing.CANCELLED)
    )
    assert order.status == "cancelled"


@pytest.mark.parametrize("answers", [[Waiting(), TOO_EARLY], [legitsms.Uncertain("timeout")]])
def test_after_a_cancel_that_led_nowhere_polling_goes_on_at_its_distance(answers):
    order = cancel_due()
    purchasing.send_requested_action(order, FakeClient(*answers))
    order.refresh_from_db()
    assert NEAREST < order.next_poll_at - timezone.now() <= timedelta(seconds=3)


def test_a_cancel_whose_answer_came_late_leaves_a_code_alone_that_was_heard_meanwhile():
    order = cancel_due()
    client = FakeClient(Waiting(), lambda: answers.record_code(Order.objects.get(pk=order.pk), "123456") or TOO_EARLY)
    with pytest.raises(StaleOrder):
        purchasing.send_requested_action(order, client)
    order.refresh_from_db()
    assert (order.status, order.cancel_at, order.is_sending_action) == ("received", None, False)


def test_a_cancel_whose_worker_was_lost_lets_polling_go_on():
    order = cancel_due()
    closing.start_sending(order)
    with time_machine.travel(timezone.now() + timedelta(seconds=16)):
        assert [claim.pk for claim in polling.lease_due(SANDBOX)] == [order.pk]


# --- Finishing


def test_done_is_sent_and_its_confirmation_finishes_the_order():
    order, client = finish_due(), FakeClient(SAME, Closing.FINISHED)
    purchasing.send_requested_action(order, client)
    assert (order.status, client.calls) == ("finished", ["get_status", "finish"])


@pytest.mark.parametrize("status", [SAME, Closed()])
def test_an_order_that_upstream_closed_before_is_finished(status):
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(status, legitsms.AlreadyClosed("ALREADY_FINISH")))
    assert order.status == "finished"


@pytest.mark.parametrize(("status", "expected"), [(Waiting(), "received"), (SAME, "finished"), (Closed(), "finished")])
def test_bad_status_ends_no_order_that_upstream_has_just_called_waiting(status, expected):
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(status, legitsms.BadStatus("BAD_STATUS")))
    assert (order.status, order.is_sending_action) == (expected, False)
    assert (order.finish_at is not None) == (expected == "received")


def test_a_second_code_that_came_before_done_is_kept():
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(Code("777777"), Closing.FINISHED))
    assert (order.status, texts(order)) == ("finished", ["123456", "777777"])


def test_a_second_code_that_came_with_done_is_asked_for_after_it():
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(SAME, Closing.FINISHED))
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        polling.sweep(SANDBOX, FakeClient(Code("777777")))
    order.refresh_from_db()
    assert (order.status, texts(order)) == ("finished", ["123456", "777777"])


def test_a_finished_order_is_asked_about_for_ten_minutes():
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(SAME, Closing.FINISHED))
    for minutes in (11, 12):
        with time_machine.travel(timezone.now() + timedelta(minutes=minutes)):
            polling.lease_due(SANDBOX)
    order.refresh_from_db()
    assert order.next_poll_at is None


def test_done_is_not_asked_too_soon_after_a_poll():
    order = finish_due()
    Order.objects.update(asked_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(StaleOrder):
        closing.start_sending(order)
    order.refresh_from_db()
    assert order.finish_at - order.asked_at >= NEAREST


def test_no_poll_comes_between_done_and_its_answer():
    order = finish_due(next_poll_at=timezone.now())
    closing.start_sending(order)
    assert order.next_poll_at > timezone.now() + timedelta(seconds=10)


def test_done_with_what_ended_upstream_begins_no_polls_anew():
    order = finish_due(next_poll_at=None)
    closing.start_sending(order)
    assert order.next_poll_at is None


def test_a_code_that_comes_back_with_done_is_kept():
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(SAME, Code("777777")))
    assert texts(order) == ["123456", "777777"]


@pytest.mark.parametrize("answer", [Code("777777"), Closing.CANCELLED])
def test_nothing_but_its_confirmation_finishes_an_order(answer):
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(SAME, answer))
    assert (order.status, order.is_sending_action, order.finish_at > timezone.now()) == ("received", False, True)


@pytest.mark.parametrize("fault", [legitsms.NoActivation("NO_ACTIVATION"), legitsms.Uncertain("timeout")])
def test_a_lost_done_hides_no_code_and_is_sent_again(fault):
    order = finish_due()
    purchasing.send_requested_action(order, FakeClient(SAME, fault))
    assert (order.status, order.codes.count(), order.is_sending_action) == ("received", 1, False)
    assert order.finish_at > timezone.now()


def test_a_cancel_that_finds_no_answer_is_repeated_ever_more_slowly():
    order, pauses = cancel_due(), []
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(5):
            Order.objects.update(cancel_at=timezone.now(), asked_at=None)
            purchasing.send_requested_action(order, FakeClient(legitsms.Uncertain("timeout")))
            pauses.append(round((order.cancel_at - timezone.now()).total_seconds()))
    assert pauses == [15, 30, 60, 60, 60]


def test_a_done_that_is_not_confirmed_is_repeated_ever_more_slowly():
    order, pauses = finish_due(), []
    with time_machine.travel(timezone.now(), tick=False):
        for _ in range(7):
            Order.objects.update(finish_at=timezone.now(), asked_at=None)
            purchasing.send_requested_action(order, FakeClient(SAME, legitsms.NoActivation("NO_ACTIVATION")))
            pauses.append(round((order.finish_at - timezone.now()).total_seconds()))
    assert pauses == [15, 30, 60, 120, 300, 300, 300]


# --- Races, with real threads on a real database


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(5))
def test_of_eight_workers_that_claim_one_order_exactly_one_wins(attempt):
    order = make_order()
    copies = [Order.objects.get(pk=order.pk) for _ in range(8)]
    said = race(lambda: buying.start_buying(copies.pop()) or "won", 8)
    assert sorted(said) == ["StaleOrder"] * 7 + ["won"]


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_the_same_bell_buy_one_number(alive, data_dir):
    order, client = make_order(), FakeClient(NUMBER)
    race(lambda: purchasing.buy(Order.objects.get(pk=order.pk), client, purchasing.journal.Journal(data_dir)), 8)
    assert client.calls == ["get_number"]


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_the_same_wish_send_one_cancel():
    order, client = cancel_due(), FakeClient(Waiting(), Closing.CANCELLED)
    race(lambda: purchasing.send_requested_action(Order.objects.get(pk=order.pk), client), 8)
    assert client.calls == ["get_status", "cancel"]


@pytest.mark.django_db(transaction=True)
def test_a_cancel_pressed_at_the_moment_of_the_answer_is_kept_and_planned():
    order = make_order("buying")
    steps = [
        lambda it: buying.record_number(it, NUMBER, it.attempt),
        lambda it: closing.request_cancel(it, it.owner),
    ] * 2
    race(lambda: steps.pop()(Order.objects.get(pk=order.pk)), 4)
    order.refresh_from_db()
    assert (order.status, order.cancel_at is None) == ("waiting", False)


@pytest.mark.django_db(transaction=True)
def test_of_a_withdrawal_and_a_claim_at_the_same_moment_one_happens():
    order = make_order()
    steps = [buying.start_buying, lambda it: closing.withdraw(it, it.owner)] * 4
    said = race(lambda: steps.pop()(Order.objects.get(pk=order.pk)), 8)
    assert (said.count(None), order.events.count()) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_number_read_back_from_the_journal_while_its_answer_comes_is_taken_once():
    order = make_order("unclear")
    race(lambda: purchasing.assign_number(Order.objects.get(pk=order.pk), NUMBER), 8)
    order.refresh_from_db()
    assert (order.status, order.activation_id, order.events.count()) == ("waiting", NUMBER.activation_id, 1)


@pytest.mark.django_db(transaction=True)
def test_a_refund_and_a_code_heard_at_the_same_moment_leave_the_code():
    order = make_order("waiting")
    steps = [answers.record_cancelled, lambda it: answers.record_code(it, "123456")] * 3
    race(lambda: steps.pop()(Order.objects.get(pk=order.pk)), 6)
    order.refresh_from_db()
    assert (order.status, order.codes.count()) == ("received", 1)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_with_the_same_claim_ask_about_it_once():
    claim = {"reported_id": "550011", "reported_phone": "12025550199", "reported_by": make_user()}
    order, client = make_order("unclear", next_poll_at=timezone.now(), **claim), FakeClient(Waiting())
    race(lambda: reported_purchases.check(Order.objects.get(pk=order.pk), client), 8)
    assert client.calls == ["get_status"]
