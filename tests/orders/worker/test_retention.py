import os
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db.models import Sum
from django.utils import timezone

from orders.lifecycle import transitions
from orders.models import Code, Order, OrderEvent
from orders.presentation import wording
from orders.worker import retention
from orders.worker.journal import CodeRecord
from team.models import Policy
from tests.factories import make_order, make_received

pytestmark = pytest.mark.django_db
OLD, YOUNG = timedelta(days=31), timedelta(days=29)


@pytest.fixture(autouse=True)
def thirty_days():
    policy = Policy.current()
    policy.keep_days = 30
    policy.save()


def make_finished(ago=OLD, text="482913", **fields):
    at = timezone.now() - ago
    order = make_order("finished", ended_at=at, received_at=at, next_poll_at=None, phone="13215551234", **fields)
    order.codes.create(text=text, received_at=at)
    return order


def kept():
    return set(Order.objects.exclude(phone="").values_list("pk", flat=True))


def test_an_old_number_and_its_codes_are_deleted():
    make_finished()
    assert retention.delete_expired() == 1
    assert (Order.objects.get().phone, Code.objects.count()) == ("", 0)


def test_a_younger_one_is_kept():
    order = make_finished(YOUNG)
    retention.delete_expired()
    assert (kept(), order.codes.get().text) == ({order.pk}, "482913")


def test_without_a_policy_everything_is_kept():
    Policy.objects.update(keep_days=0)
    order = make_finished(timedelta(days=5000))
    assert (retention.delete_expired(), kept()) == (0, {order.pk})


@pytest.mark.parametrize(("keep_days", "kept_files"), [(1, 0), (3, 1), (30, 1), (0, 1)])
def test_the_journal_forgets_what_the_team_wants_forgotten(log, keep_days, kept_files):
    Policy.objects.update(keep_days=keep_days)
    log.write(CodeRecord("live", "550011", "482913"))
    age_files(log.folder, timedelta(days=2))
    retention.delete_expired()
    assert len(list(log.folder.iterdir())) == kept_files


@pytest.mark.parametrize("keep_days", [0, 30, 365])
def test_the_journal_forgets_after_a_month_at_the_latest(log, keep_days):
    Policy.objects.update(keep_days=keep_days)
    log.write(CodeRecord("live", "550011", "482913"))
    age_files(log.folder, OLD)
    retention.delete_expired()
    assert list(log.folder.iterdir()) == []


def age_files(folder, age):
    for path in folder.iterdir():
        at = path.stat().st_mtime - age.total_seconds()
        os.utime(path, (at, at))


@pytest.mark.parametrize("status", ["waiting", "unclear", "received"])
def test_what_is_still_asked_about_is_kept_however_old(status):
    order = make_order(status, phone="13215551234", next_poll_at=timezone.now(), requested_at=timezone.now() - OLD)
    Order.objects.update(received_at=timezone.now() - OLD)
    retention.delete_expired()
    assert kept() == {order.pk}


def test_a_received_code_that_legitsms_has_ended_is_not_kept_for_ever():
    order = make_received()
    Order.objects.update(received_at=timezone.now() - OLD, next_poll_at=None)
    retention.delete_expired()
    assert Code.objects.filter(order=order).count() == 0


def test_an_unclear_purchase_waits_for_a_person_however_long():
    order = make_order("unclear", reported_phone="13215551234", requested_at=timezone.now() - OLD, next_poll_at=None)
    retention.delete_expired()
    assert Order.objects.get(pk=order.pk).reported_phone == "13215551234"


def test_what_was_paid_stays():
    make_finished(price=Decimal("1.20"))
    before = Order.objects.values("owner", "note", "status").annotate(Sum("price")).get()
    retention.delete_expired()
    assert Order.objects.values("owner", "note", "status").annotate(Sum("price")).get() == before


def test_the_history_keeps_each_step_and_says_what_was_deleted():
    order = make_finished()
    transitions.change(order, "note", order.owner, note="ticket 1")
    retention.delete_expired()
    assert list(order.events.values_list("what", flat=True)) == ["note", "erased"]
    assert wording.event_text(order.events.last()) == "Number and codes deleted, as the team's policy says"


def test_words_of_legitsms_that_may_quote_a_code_go_too():
    order = make_finished()
    transitions.change(order, "answer", detail="not understood: Your code is 482913")
    retention.delete_expired()
    assert not OrderEvent.objects.filter(detail__contains="482913").exists()


def test_run_twice_it_does_nothing():
    make_finished()
    retention.delete_expired()
    assert (retention.delete_expired(), OrderEvent.objects.filter(what="erased").count()) == (0, 1)


def test_more_than_a_chunk_is_deleted_chunk_by_chunk(monkeypatch):
    monkeypatch.setattr(retention, "CHUNK", 2)
    [make_finished(text=str(n)) for n in range(5)]
    assert (retention.delete_expired(), Code.objects.count()) == (5, 0)


def test_the_page_of_the_order_says_that_they_were_deleted(desk):
    order = make_finished()
    retention.delete_expired()
    page = desk.get(f"/orders/{order.pk}/").content.decode()
    assert "Number and codes deleted" in page
    assert "482913" not in page
