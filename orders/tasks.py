"""Doors through which Celery reaches the work. A task is a conditional step on a row: run twice, it does nothing."""

from contextlib import suppress
from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown
from kombu.exceptions import OperationalError

from catalog import upstream
from catalog.upstream import Upstream
from orders import clock, crash, polling, purchasing, recovery, retention, settling
from orders.journal import journal
from orders.models import Heartbeat, Order, StaleOrder
from team import news

BELL_LASTS = 10  # seconds; the tick rings again


def wake(task: Any, order_id: int) -> None:
    """Ring for `task`. A broker that is down costs only time: the tick finds the row."""
    crash.point("after_intent_commit")
    if news.is_broken():  # a page has waited long enough
        return
    with suppress(OperationalError, OSError):
        task.apply_async((order_id,), queue="buy", expires=BELL_LASTS)


@shared_task(name="orders.buy_number")
def buy_number(order_id: int) -> None:
    order = Order.objects.select_related("owner").get(pk=order_id)
    with suppress(StaleOrder):
        purchasing.buy(order, upstream.client(Upstream(order.upstream)), journal())
    if following := purchasing.next_in_line(order):
        wake(buy_number, following.pk)


@shared_task(name="orders.close_number")
def close_number(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    with suppress(StaleOrder):
        purchasing.close(order, upstream.client(Upstream(order.upstream)))


@shared_task(name="orders.check_claim")
def check_claim(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    with suppress(StaleOrder):
        settling.check(order, upstream.client(Upstream(order.upstream)))


@shared_task(name="orders.poll_due")
def poll_due() -> None:
    """Beat entry, every 0.25 s, dropped if the queue is behind."""
    polling.sweep_all((known, upstream.client(known)) for known in upstream.askable())


@shared_task(name="orders.recover")
def recover() -> None:
    """Beat entry, every second."""
    clock.mend()
    for step in (recovery.read_journal_back, recovery.read_codes_back, recovery.doubt_lost, recovery.refuse_stale):
        step()
    for step in (recovery.believe_new_key, recovery.flag_capped, recovery.cancel_in_time, recovery.finish_unconfirmed):
        step()
    for known in upstream.askable():
        recovery.probe_key(known, upstream.client(known))
    for order_id in recovery.overheard_requests():
        wake(buy_number, order_id)
    for order_id in recovery.due_wishes():
        wake(close_number, order_id)
    for order_id in recovery.open_claims():
        wake(check_claim, order_id)


@worker_process_shutdown.connect
def leave(**_: Any) -> None:
    """A child has done its thousand tasks, or the worker ends."""
    journal().close()


@shared_task(name="orders.forget_old")
def forget_old() -> None:
    """Beat entry, every five minutes."""
    retention.forget_old()


@shared_task(name="orders.pulse")
def pulse(queue: str) -> None:
    """Beat entry: the workers of `queue` live."""
    Heartbeat.beat(queue)
