"""What people see of an order: labels, icons, sentences, phone formats, and which actions are offered.

Templates read these; models and steps know none of them.
"""

from orders.presentation.order_card import CodeLine, EventLine, OrderCard

__all__ = ["CodeLine", "EventLine", "OrderCard"]
