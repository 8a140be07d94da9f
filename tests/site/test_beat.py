from datetime import timedelta

import pytest
import time_machine
from celery import Celery
from celery.schedules import schedule
from django.db import DatabaseError
from django.utils import timezone

from legitsms_site.beat import HeartbeatScheduler
from orders.models import Heartbeat
from orders.worker import clock

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduler():
    return HeartbeatScheduler(Celery("nothing to do", broker="memory://"), schedule={}, lazy=True)


def test_beat_says_that_it_lives_with_its_first_tick(scheduler):
    scheduler.tick()
    assert Heartbeat.dead(("beat",)) == []


def test_beat_says_so_every_few_seconds_not_at_every_tick(scheduler, django_assert_num_queries):
    scheduler.tick()
    with django_assert_num_queries(0):
        scheduler.tick()


def test_beat_says_so_again_when_it_is_time(scheduler):
    scheduler.tick()
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=1))
    scheduler.last_beat_at -= 6
    scheduler.tick()
    assert Heartbeat.dead(("beat",)) == []


def test_beat_outlives_a_database_that_is_away(scheduler, monkeypatch):
    def gone(_name):
        raise DatabaseError

    monkeypatch.setattr(Heartbeat, "beat", gone)
    monkeypatch.setattr("legitsms_site.beat.close_old_connections", lambda: None)
    scheduler.tick()
    assert not Heartbeat.objects.exists()


@pytest.fixture
def sent(scheduler):
    """What is sent, of one task that is due twice a second."""
    entry = scheduler.Entry(name="a task", task="a task", schedule=schedule(timedelta(seconds=0.5)), app=scheduler.app)
    scheduler.schedule[entry.name] = entry
    names = []
    scheduler.apply_entry = lambda entry, **_: names.append(entry.name)
    return names


@pytest.mark.parametrize("hours", [-1, 1])
def test_beat_goes_on_when_the_clock_jumps(scheduler, sent, hours):
    scheduler.tick()
    with time_machine.travel(timezone.now() + timedelta(hours=hours)):
        scheduler.tick()
    assert len(sent) == 2


@pytest.fixture
def put_off(scheduler, monkeypatch):
    """By how much orders were put off; the first time, the database is away."""
    steps = []

    def away_at_first(by):
        steps.append(by)
        if len(steps) == 1:
            raise DatabaseError

    monkeypatch.setattr(clock, "set_forward", away_at_first)
    monkeypatch.setattr("legitsms_site.beat.close_old_connections", lambda: None)
    scheduler.tick()
    return steps


def test_a_clock_that_was_set_forward_puts_off_what_is_under_way_once(scheduler, put_off):
    with time_machine.travel(timezone.now() + timedelta(hours=1)):
        [scheduler.tick() for _ in range(4)]
    assert [round(step / timedelta(hours=1), 2) for step in put_off] == [1, 1]  # the first one failed


def test_a_clock_that_was_set_back_puts_off_nothing(scheduler, put_off):
    with time_machine.travel(timezone.now() - timedelta(hours=1)):
        scheduler.tick()
    assert put_off == []


def test_beat_sleeps_until_a_task_is_due_and_not_until_a_moment_before(scheduler, sent):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        scheduler.tick()
        clock.shift(scheduler.tick())
        scheduler.tick()
    assert len(sent) == 2
