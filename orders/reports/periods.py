"""The periods of the history and the statistics. Days begin at midnight, UTC."""

from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from orders.models import Order
from orders.models.querysets import OrderQuerySet


class Period(models.TextChoices):
    TODAY = "today", "Today"
    WEEK = "7", "Last 7 days"
    MONTH = "30", "Last 30 days"
    QUARTER = "90", "Last 90 days"
    YEAR = "365", "Last 365 days"
    THIS_MONTH = "this-month", "This month"
    LAST_MONTH = "last-month", "Last month"
    ALL = "all", "All time"

    def of(self, orders: OrderQuerySet[Order]) -> OrderQuerySet[Order]:
        """Orders requested in the period."""
        return orders.requested_between(*self.span())

    def span(self) -> tuple[datetime | None, datetime | None]:
        """Start (inclusive) and end (exclusive); None is no bound."""
        midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
        first = midnight.replace(day=1)
        match self:
            case Period.ALL:
                return None, None
            case Period.TODAY:
                return midnight, None
            case Period.THIS_MONTH:
                return first, None
            case Period.LAST_MONTH:
                return (first - timedelta(days=1)).replace(day=1), first
            case _:
                return midnight - timedelta(days=int(self) - 1), None
