"""Figures as people read them."""

from datetime import timedelta

from django import template

from orders.records import clock

register = template.Library()


@register.filter
def minutes(span: timedelta | float) -> str:
    """`1:04`, of a span or of seconds."""
    return clock(span if isinstance(span, timedelta) else timedelta(seconds=span))
