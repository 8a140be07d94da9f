"""What a person says was bought is believed when LegitSMS knows the order, since a mistyped ID would wait for ever."""

from django.db import IntegrityError
from django.utils import timezone

import legitsms
from legitsms import Client, LegitSMSError, Number
from orders.hearing import hear, note_weather, read_status
from orders.models import Order


def check(order: Order, client: Client) -> None:
    """Ask LegitSMS about the claimed ID, and settle the order if it is known there. No answer decides nothing.

    Raises `StaleOrder` where another worker was first, or the order was settled otherwise.
    """
    order.start_checking()
    try:
        status = read_status(order.upstream, order.claimed_id, client)
    except legitsms.NoActivation:
        order.refuse_claim("unknown id")
    except LegitSMSError as fault:
        note_weather(order.upstream, fault)
    else:
        settle(order, status)


def settle(order: Order, status: legitsms.Status) -> None:
    number = Number(order.claimed_id, order.claimed_phone)
    try:
        order.settle_bought(order.claimed_by, number)  # type: ignore[arg-type]  # a claim has a name to it
    except IntegrityError:  # another order has it
        order.refuse_claim("taken id")
        return
    Order.objects.filter(pk=order.pk).keep_distance(timezone.now())  # its first poll must not follow this question
    hear(order, status)
