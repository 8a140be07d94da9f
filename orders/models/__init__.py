"""The order and what belongs to it."""

from orders.models.event import Code, OrderEvent
from orders.models.export import Export, TooManyExports
from orders.models.heartbeat import Heartbeat, Weather
from orders.models.life import StaleOrder
from orders.models.order import Order
from orders.models.purchase import Purchase

__all__ = [
    "Code",
    "Export",
    "Heartbeat",
    "Order",
    "OrderEvent",
    "Purchase",
    "StaleOrder",
    "TooManyExports",
    "Weather",
]
