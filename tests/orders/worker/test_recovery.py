import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

import legitsms
from legitsms import Closed, Code
from orders import tasks
from orders.lifecycle import answers, buying, closing
from orders.models import Order
from orders.models.order import NOT_BOUGHT
from orders.presentation import OrderCard, wording
from orders.worker import recovery
from orders.worker.journal import CodeRecord, PurchaseRecord
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_line, make_order, make_received, make_user
from tests.fakes import FakeClient

pytestmark = pytest.mark.django_db

SANDBOX = Upstream.SANDBOX


def ago(**span):
    return timezone.now() - timedelta(**span)


def write(log, order, attempt=None, activation_id="550011"):
    log.write(PurchaseRecord(order.pk, str(attempt or order.attempt), activation_id, "12025550199"))


# --- The journal, read back


@pytest.mark.parametrize("status", ["buying", "unclear"])
def test_a_number_that_only_the_journal_knows_comes_to_its_order(log, status):
    order = make_order(status, buying_at=ago(seconds=3))
    write(log, order)
    recovery.read_journal_back()
    order.refresh_from_db()
    assert (order.status, order.activation_id, order.phone) == ("waiting", "550011", "12025550199")


def test_the_journal_knows_better_than_a_person_that_a_number_was_bought(log):
    order = make_order("refused", outcome=NOT_BOUGHT)
    write(log, order)
    recovery.read_journal_back()
    order.refresh_from_db()
    assert order.status == "waiting"


def test_a_purchase_that_is_just_being_recorded_is_left_to_its_worker(log):
    order = make_order("buying", buying_at=ago(seconds=1))
    write(log, order)
    recovery.read_journal_back()
    order.refresh_from_db()
    assert order.status == "buying"


def test_the_journal_of_another_attempt_is_not_believed(log):
    order = make_order("unclear")
    write(log, order, attempt=uuid.uuid4())
    recovery.read_journal_back()
    order.refresh_from_db()
    assert order.status == "unclear"


def test_a_refusal_by_legitsms_is_not_undone_by_the_journal(log):
    order = make_order("refused", outcome="NO_NUMBERS")
    write(log, order)
    recovery.read_journal_back()
    order.refresh_from_db()
    assert order.status == "refused"


def test_a_number_of_the_journal_that_another_order_has_leaves_both_as_they_are(log):
    first, second = make_order("waiting", activation_id="550011"), make_order("unclear")
    write(log, second)
    recovery.read_journal_back()
    statuses = Order.objects.filter(pk__in=[first.pk, second.pk]).values_list("pk", "status")
    assert dict(statuses) == {first.pk: "waiting", second.pk: "unclear"}


def test_with_nothing_unfinished_the_journal_is_not_even_opened(log, django_assert_num_queries):
    write(log, make_order("waiting"))
    with django_assert_num_queries(1):
        recovery.read_journal_back()


# --- Codes that were written down


def write_code(log, *texts, activation_id="550011", upstream=SANDBOX):
    [log.write(CodeRecord(upstream, activation_id, text)) for text in texts]


def texts(order):
    order.refresh_from_db()
    return [code.text for code in order.codes.all()]


def test_codes_that_only_the_journal_knows_come_to_their_order_in_their_order(log):
    order = make_order("waiting", activation_id="550011")
    write_code(log, "482913", "777777")
    recovery.read_codes_back()
    assert (texts(order), order.status) == (["482913", "777777"], "received")


def test_a_code_of_the_journal_is_a_late_truth_too(log):
    order = make_order("cancelled", activation_id="550011")
    write_code(log, "482913")
    recovery.read_codes_back()
    assert (texts(order), order.status) == (["482913"], "received")


def test_a_code_that_the_order_has_changes_nothing(log):
    order = make_received("482913", activation_id="550011")
    write_code(log, "482913")
    version = order.version
    recovery.read_codes_back()
    assert (texts(order), order.version, order.polled_at) == (["482913"], version, None)


def test_codes_that_store_codes_are_not_looked_for_again(log, django_assert_num_queries):
    make_received("482913", activation_id="550011")
    write_code(log, "482913")
    recovery.read_codes_back()
    with django_assert_num_queries(0):
        recovery.read_codes_back()


def test_a_code_that_is_written_down_later_is_found_all_the_same(log):
    order = make_received("482913", activation_id="550011")
    write_code(log, "482913")
    recovery.read_codes_back()
    write_code(log, "777777")
    recovery.read_codes_back()
    assert texts(order) == ["482913", "777777"]


def test_a_code_of_another_legitsms_with_the_same_id_is_not_the_orders(log):
    order = make_order("waiting", activation_id="550011", upstream=SANDBOX)
    write_code(log, "482913", upstream=Upstream.LIVE)
    recovery.read_codes_back()
    assert texts(order) == []


def test_a_code_of_a_number_that_somebody_claims_later_waits_for_its_order(log):
    order = make_order("unclear")
    write_code(log, "482913")
    recovery.read_codes_back()
    Order.objects.filter(pk=order.pk).update(activation_id="550011", status="waiting")
    recovery.read_codes_back()
    assert texts(order) == ["482913"]


def test_what_the_team_wants_forgotten_does_not_come_back(log):
    order = make_order("finished", activation_id="550011", erased_at=timezone.now())
    write_code(log, "482913")
    recovery.read_codes_back()
    assert texts(order) == []


def test_a_code_that_cannot_be_recorded_now_holds_no_other_back_and_is_tried_again(log, monkeypatch):
    first, second = make_order("waiting", activation_id="1"), make_order("waiting", activation_id="2")
    write_code(log, "111111", activation_id="1")
    write_code(log, "222222", activation_id="2")
    real = answers.record_code
    monkeypatch.setattr(answers, "record_code", lambda row, text: real(row, text) if row.pk == second.pk else 1 / 0)
    recovery.read_codes_back()
    assert (texts(first), texts(second)) == ([], ["222222"])
    monkeypatch.undo()
    recovery.read_codes_back()
    assert texts(first) == ["111111"]


# --- Lost workers and lost bells


def test_a_purchase_whose_worker_died_becomes_unclear_and_is_not_repeated():
    order = make_order("buying", buying_at=ago(seconds=61))
    recovery.record_lost_as_unclear()
    order.refresh_from_db()
    assert (order.status, order.outcome, recovery.undelivered_requests()) == ("unclear", "worker lost", [])
    assert wording.message(order).startswith("The desk was interrupted while buying")


def test_a_purchase_that_may_still_be_answered_is_left_alone():
    order = make_order("buying", buying_at=ago(seconds=55))
    recovery.record_lost_as_unclear()
    order.refresh_from_db()
    assert order.status == "buying"


def test_a_request_past_its_time_is_refused():
    order = make_order(not_after=ago(seconds=1))
    recovery.refuse_stale()
    order.refresh_from_db()
    assert (order.status, order.outcome) == ("refused", "too old")


@pytest.mark.parametrize("status", ["requested", "buying"])
def test_a_request_that_waits_for_the_one_before_it_does_not_grow_too_old(status):
    _, second = make_line(status, "requested")
    Order.objects.filter(pk=second.pk).update(not_after=ago(seconds=1))
    recovery.refuse_stale()
    second.refresh_from_db()
    assert second.status == "requested"


def test_a_request_whose_bell_nobody_heard_is_found():
    order = make_order(requested_at=ago(seconds=3))
    assert recovery.undelivered_requests() == [order.pk]


def test_a_request_of_this_moment_is_left_to_its_bell():
    make_order()
    assert recovery.undelivered_requests() == []


def test_a_request_that_pauses_is_not_rung_for():
    make_order(requested_at=ago(seconds=3), next_attempt_at=timezone.now() + timedelta(seconds=2))
    assert recovery.undelivered_requests() == []


def test_only_the_first_in_line_of_a_purchase_is_rung_for():
    first, _ = make_line("requested", "requested")
    Order.objects.update(requested_at=ago(seconds=3))
    assert recovery.undelivered_requests() == [first.pk]


def test_the_next_in_line_is_found_when_the_worker_died_between_two_numbers():
    _, second = make_line("waiting", "requested")
    Order.objects.update(requested_at=ago(seconds=3))
    assert recovery.undelivered_requests() == [second.pk]


def test_an_order_that_cannot_be_served_holds_no_other_back(monkeypatch, caplog):
    poison, other = (make_order("buying", buying_at=ago(seconds=61)) for _ in range(2))
    right = buying.record_unclear
    monkeypatch.setattr(buying, "record_unclear", lambda order, why: right(order, {poison.pk: None}.get(order.pk, why)))
    recovery.record_lost_as_unclear()
    other.refresh_from_db()
    assert other.status == "unclear"
    assert f"recovery of order {poison.pk} failed" in caplog.text


def test_after_an_order_whose_connection_broke_the_next_one_gets_a_new_one(monkeypatch):
    done = []
    monkeypatch.setattr(connection, "is_usable", lambda: False)
    monkeypatch.setattr(connection, "close", lambda: done.append("closed"))

    def step(order):
        done.append(order.pk)
        raise OperationalError

    recovery.apply_to_each([Order(pk=1), Order(pk=2)], step)
    assert done == [1, "closed", 2, "closed"]


# --- A refused key


@pytest.fixture
def refused_key(db):
    ProviderHealth.mark("sandbox", bad_key_since=ago(minutes=5))


def test_a_refused_key_is_probed_although_no_order_is_open(refused_key):
    client = FakeClient(Closed())
    order = make_order("finished")
    recovery.probe_key(SANDBOX, client)
    assert (client.asked, ProviderHealth.for_upstream("sandbox").bad_key_since) == ([(order.activation_id,)], None)


def test_a_refused_key_is_probed_although_there_never_was_an_order(refused_key):
    client = FakeClient(legitsms.NoActivation("NO_ACTIVATION"))
    recovery.probe_key(SANDBOX, client)
    assert (client.calls, ProviderHealth.for_upstream("sandbox").bad_key_since) == (["get_status"], None)


def test_a_key_that_is_still_refused_stays_so_and_is_probed_once_in_half_a_minute(refused_key):
    client = FakeClient(legitsms.BadKey("BAD_KEY"))
    recovery.probe_key(SANDBOX, client)
    recovery.probe_key(SANDBOX, client)
    assert (client.calls, bool(ProviderHealth.for_upstream("sandbox").bad_key_since)) == (["get_status"], True)


def test_a_line_that_is_down_says_nothing_about_the_key(refused_key):
    recovery.probe_key(SANDBOX, FakeClient(legitsms.NotSent("connect")))
    assert ProviderHealth.for_upstream("sandbox").bad_key_since


def test_an_open_order_is_probe_enough(refused_key):
    client = FakeClient()
    make_order("waiting")
    recovery.probe_key(SANDBOX, client)
    assert client.calls == []


def test_an_order_that_is_no_longer_asked_about_is_no_probe(refused_key):
    client = FakeClient(Closed())
    make_received(next_poll_at=None)
    recovery.probe_key(SANDBOX, client)
    assert (client.calls, ProviderHealth.for_upstream("sandbox").bad_key_since) == (["get_status"], None)


def test_a_good_key_is_not_probed(db):
    client = FakeClient()
    recovery.probe_key(SANDBOX, client)
    assert client.calls == []


def test_a_code_that_the_probe_hears_is_kept(refused_key):
    order = make_order("cancelled")
    recovery.probe_key(SANDBOX, FakeClient(Code("123456")))
    order.refresh_from_db()
    assert (order.status, order.codes.get().text) == ("received", "123456")


# --- Wishes, and the end of an hour


def test_a_due_wish_is_found():
    due = [make_order("waiting", cancel_at=ago(seconds=1)), make_received(finish_at=ago(seconds=1))]
    make_order("waiting", cancel_at=timezone.now() + timedelta(seconds=9))
    assert sorted(recovery.due_actions()) == [order.pk for order in due]


def test_a_wish_for_legitsms_waits_until_there_is_a_key_to_send_it_with():
    make_order("waiting", cancel_at=ago(seconds=1), upstream="live")
    assert recovery.due_actions() == []


def test_wishes_wait_while_the_key_is_refused(refused_key):
    make_order("waiting", cancel_at=ago(seconds=1))
    assert recovery.due_actions() == []


def test_an_order_that_legitsms_never_ends_needs_a_person_and_is_asked_slowly(settings):
    order = make_order("waiting", bought_at=timezone.now() - settings.HARD_CAP)
    recovery.flag_capped()
    order.refresh_from_db()
    assert (order.status, order.needs_attention, order.poll_every) == ("waiting", True, timedelta(minutes=5))
    assert wording.message(order).startswith("LegitSMS has not ended this order within an hour.")


def test_a_person_is_called_once():
    order = make_order("waiting", bought_at=ago(hours=2))
    recovery.flag_capped()
    recovery.flag_capped()
    assert order.events.count() == 1


# --- Cancelled in time


@pytest.fixture
def nearly_over(settings, db):
    """An order that is one minute from its expected end."""
    settings.CANCEL_BEFORE_END = timedelta(minutes=1)
    return make_order("waiting", bought_at=ago(seconds=19 * 60 + 1))


def test_what_nobody_cancelled_is_cancelled_a_minute_before_its_expected_end(nearly_over):
    recovery.cancel_before_end()
    nearly_over.refresh_from_db()
    happened = nearly_over.events.get()
    assert (OrderCard(nearly_over).state, happened.actor) == ("cancel-planned", None)
    assert wording.event_text(happened) == "The desk cancels it, since its expected end is near"
    assert recovery.due_actions() == [nearly_over.pk]


def test_before_that_minute_the_desk_cancels_nothing(nearly_over):
    Order.objects.update(bought_at=ago(minutes=18, seconds=58))
    recovery.cancel_before_end()
    assert not nearly_over.events.exists()


def test_the_desk_cancels_nothing_where_that_is_switched_off(nearly_over, settings):
    settings.CANCEL_BEFORE_END = timedelta(0)
    Order.objects.update(bought_at=ago(hours=2))
    recovery.cancel_before_end()
    assert not nearly_over.events.exists()


@pytest.mark.parametrize("status", ["received", "unclear", "finished"])
def test_the_desk_cancels_only_what_waits(nearly_over, status):
    Order.objects.update(status=status)
    recovery.cancel_before_end()
    assert not nearly_over.events.exists()


def test_what_a_person_keeps_from_the_desks_cancel_is_kept(nearly_over):
    recovery.cancel_before_end()
    closing.undo_cancel(Order.objects.get(), nearly_over.owner)
    recovery.cancel_before_end()
    nearly_over.refresh_from_db()
    assert OrderCard(nearly_over).state == "waiting"


def test_a_cancel_that_is_planned_already_is_nobody_elses(nearly_over):
    closing.request_cancel(nearly_over, nearly_over.owner)
    recovery.cancel_before_end()
    assert [happened.what for happened in nearly_over.events.all()] == ["cancel requested"]


def test_done_that_legitsms_never_confirmed_counts_in_the_end():
    order = make_received(finish_at=ago(minutes=1), bought_at=ago(hours=2))
    order.events.create(what="finish requested", source="received", target="received", at=ago(minutes=61))
    recovery.finish_unconfirmed()
    order.refresh_from_db()
    assert (order.status, order.events.last().detail, order.codes.count()) == ("finished", "unconfirmed", 1)


def test_done_pressed_late_is_still_sent_before_it_counts():
    order = make_received(finish_at=ago(minutes=1), bought_at=ago(hours=2))
    order.events.create(what="finish requested", source="received", target="received", at=ago(minutes=1))
    recovery.finish_unconfirmed()
    order.refresh_from_db()
    assert order.status == "received"


def test_an_order_that_nobody_is_done_with_stays_open():
    order = make_received(bought_at=ago(hours=2))
    recovery.finish_unconfirmed()
    order.refresh_from_db()
    assert order.status == "received"


def test_a_wish_withdrawn_by_the_time_of_its_repeat_is_gone():
    order = make_order("waiting", cancel_at=ago(seconds=1))
    closing.undo_cancel(order, make_user())
    assert recovery.due_actions() == []


def test_a_tick_goes_on_where_a_part_of_the_journal_cannot_be_read(alive, bells, data_dir):
    (data_dir / "journal/1-damaged").mkdir(parents=True)
    late = make_order("requested", not_after=timezone.now() - timedelta(seconds=1))
    due = make_order("waiting", cancel_at=timezone.now())
    make_order("unclear")
    tasks.recover()
    late.refresh_from_db()
    assert (late.status, bells) == ("refused", [("orders.send_requested_action", due.pk)])
