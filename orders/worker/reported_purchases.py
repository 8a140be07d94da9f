"""Checks whether LegitSMS knows an order that a person reported as bought: a mistyped ID would wait for ever."""

from django.db import IntegrityError
from django.utils import timezone

import legitsms
from legitsms import LegitSMSError, Number
from orders.lifecycle import answers, settling
from orders.models import Order
from orders.worker.status_requests import record_health, request_status
from provider.paced_client import NoSlot, PacedClient


def check(order: Order, client: PacedClient) -> None:
    """Request the status of the reported ID, and settle the order if LegitSMS knows it. No answer decides nothing.

    Raises `StaleOrder` where another worker was first, or the order was settled otherwise.
    """
    settling.start_checking(order)
    try:
        status = request_status(order.upstream, order.reported_id, client)
    except legitsms.NoActivation:
        settling.reject_report(order, "unknown id")
    except NoSlot:
        pass  # repeated later
    except LegitSMSError as fault:
        record_health(order.upstream, fault)
    else:
        settle(order, status)


def settle(order: Order, status: legitsms.Status) -> None:
    number = Number(order.reported_id, order.reported_phone)
    try:
        settling.settle_bought(order, order.reported_by, number)  # type: ignore[arg-type]  # a report has an author
    except IntegrityError:  # another order has this ID
        settling.reject_report(order, "taken id")
        return
    Order.objects.filter(pk=order.pk).keep_distance(timezone.now())  # its first poll must not follow this request
    answers.record_status(order, status)
