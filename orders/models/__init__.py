"""Orders and what belongs to them. Models hold fields, questions and constraints; `orders.lifecycle` changes them."""

from orders.models.event import Code, OrderEvent
from orders.models.export import Export, TooManyExports
from orders.models.heartbeat import Heartbeat
from orders.models.order import NOT_BOUGHT, WAITS_FOR_TURN, WRITTEN_OFF, Order, StaleOrder
from orders.models.purchase import LARGEST_QUANTITY, Purchase

__all__ = [
    "LARGEST_QUANTITY",
    "NOT_BOUGHT",
    "WAITS_FOR_TURN",
    "WRITTEN_OFF",
    "Code",
    "Export",
    "Heartbeat",
    "Order",
    "OrderEvent",
    "Purchase",
    "StaleOrder",
    "TooManyExports",
]
