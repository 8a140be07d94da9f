"""The Celery tasks of orders. Each takes a row's id and is a conditional step: run twice, it does nothing."""

from contextlib import suppress
from typing import Any

from celery import shared_task
from celery.signals import worker_process_shutdown
from kombu.exceptions import OperationalError

from orders import failpoints
from orders.models import Heartbeat, Order, StaleOrder
from orders.worker import clock, polling, purchasing, recovery, reported_purchases, retention
from orders.worker.journal import journal
from provider import upstream
from provider.choices import Upstream
from provider.paced_client import Priority
from team import pubsub

MESSAGE_EXPIRES = 10  # seconds; recovery enqueues it again


def enqueue(task: Any, order_id: int) -> None:
    """Send `task` to the purchasing queue. If the broker is down, recovery finds the row within a second."""
    failpoints.hit("after_intent_commit")
    if pubsub.is_broken():  # this request has waited for the broker already
        return
    with suppress(OperationalError, OSError):
        task.apply_async((order_id,), queue="purchasing", expires=MESSAGE_EXPIRES)


@shared_task(name="orders.buy_number")
def buy_number(order_id: int) -> None:
    order = Order.objects.select_related("owner").get(pk=order_id)
    with suppress(StaleOrder):
        purchasing.buy(order, upstream.client(Upstream(order.upstream)), journal())
    if following := purchasing.next_in_line(order):
        enqueue(buy_number, following.pk)


@shared_task(name="orders.send_requested_action")
def send_requested_action(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    with suppress(StaleOrder):
        purchasing.send_requested_action(order, upstream.client(Upstream(order.upstream)))


@shared_task(name="orders.check_reported_purchase")
def check_reported_purchase(order_id: int) -> None:
    order = Order.objects.get(pk=order_id)
    with suppress(StaleOrder):
        reported_purchases.check(order, upstream.client(Upstream(order.upstream)))


@shared_task(name="orders.poll_due")
def poll_due() -> None:
    """Beat entry, every 0.25 s, dropped if the queue is behind."""
    polling.sweep_all((known, upstream.client(known, Priority.POLL)) for known in upstream.usable())


@shared_task(name="orders.recover")
def recover() -> None:
    """Beat entry, every second."""
    clock.repair()
    for step in (
        recovery.read_journal_back,
        recovery.read_codes_back,
        recovery.record_lost_as_unclear,
        recovery.refuse_stale,
    ):
        step()
    for step in (recovery.trust_new_key, recovery.flag_capped, recovery.cancel_before_end, recovery.finish_unconfirmed):
        step()
    for known in upstream.usable():
        recovery.probe_key(known, upstream.client(known, Priority.POLL))
    for order_id in recovery.undelivered_requests():
        enqueue(buy_number, order_id)
    for order_id in recovery.due_actions():
        enqueue(send_requested_action, order_id)
    for order_id in recovery.due_reports():
        enqueue(check_reported_purchase, order_id)


@worker_process_shutdown.connect
def on_shutdown(**_: Any) -> None:
    """Close the journal's file: this child process has done its number of tasks, or the worker ends."""
    journal().close()


@shared_task(name="orders.delete_expired")
def delete_expired() -> None:
    """Beat entry, every five minutes."""
    retention.delete_expired()


@shared_task(name="orders.heartbeat")
def heartbeat(queue: str) -> None:
    """Beat entry: record that the workers of `queue` run."""
    Heartbeat.beat(queue)
