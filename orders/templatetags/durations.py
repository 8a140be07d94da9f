"""The template filter `minutes`."""

from datetime import timedelta

from django import template

from orders.reports import delivery_stats

register = template.Library()


@register.filter
def minutes(span: timedelta | float) -> str:
    """`1:04`, of a span or of seconds."""
    return delivery_stats.minutes(span if isinstance(span, timedelta) else timedelta(seconds=span))
