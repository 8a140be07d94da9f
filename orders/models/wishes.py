"""What people wish of an order. The tick sends it when LegitSMS allows."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from orders.models.answers import POLL_EVERY, Answers
from orders.models.event import OrderEvent
from orders.models.life import Life
from orders.models.queries import GRID_SLACK
from team.models import User

WITHDRAWN = "withdrawn"
CLOSING_TAKES = timedelta(seconds=15)  # longer than its calls usually take; a repeat is safe
CANCEL_AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (15, 30, 60)]
FINISH_AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300)]
ASK_APART = POLL_EVERY - GRID_SLACK
BELL_TAKES = timedelta(seconds=2)  # the tick rings every second


def if_polled(at: Any) -> Case:
    """Move the next poll there; an order about which nobody asks any more stays so."""
    return Case(When(next_poll_at__isnull=False, then=at), output_field=models.DateTimeField())


class Wishes(Answers):
    """An order with which people do something."""

    cancel_at = models.DateTimeField(null=True, blank=True)
    finish_at = models.DateTimeField(null=True, blank=True)
    is_closing = models.BooleanField(default=False, help_text="The wish is being sent.")
    copied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    copied_at = models.DateTimeField(null=True, blank=True)

    class Meta(Life.Meta):
        abstract = True

    def withdraw(self, actor: User) -> None:
        """Take back a request before anything is sent; what follows it in the same purchase is not asked for either."""
        self._end([self.Status.REQUESTED], self.Status.REFUSED, actor, words=WITHDRAWN, outcome=WITHDRAWN)

    def wish_cancel(self, actor: User | None) -> None:
        """Cancel as soon as LegitSMS allows. A code that comes first wins.

        Of a number that is still being bought, only the wish is kept; its time is set when the number is here.
        """
        at = max(self.cancellable_at or timezone.now(), timezone.now())
        wished = Q(status__in=[self.Status.BUYING, self.Status.WAITING], cancel_at=None)
        self.change("cancel wished", actor, only_if=wished, cancel_at=at)

    def cancel_in_time(self) -> None:
        """Cancel before the number is expected to end: only a cancel is documented to refund. A person may keep it."""
        wished = Q(status=self.Status.WAITING, cancel_at=None)
        self.change("cancel in time", only_if=wished, cancel_at=timezone.now())

    def keep(self, actor: User) -> None:
        """Take the wish back, unless it is being sent."""
        still = Q(status=self.Status.WAITING, cancel_at__isnull=False, is_closing=False)
        self.change("cancel withdrawn", actor, only_if=still, cancel_at=None)

    def wish_finish(self, actor: User) -> None:
        wished = Q(status=self.Status.RECEIVED, finish_at=None)
        self.change("finish wished", actor, only_if=wished, finish_at=timezone.now())

    def hide(self, actor: User) -> None:
        """Take an ended order off everybody's board before its time."""
        self.change("hidden", actor, only_if=Q(ended_at__isnull=False, hidden_at=None), hidden_at=timezone.now())

    def note_copy(self, actor: User) -> None:
        """Tell the others that someone has taken the code."""
        self.change("copied", actor, copied_by=actor, copied_at=timezone.now())

    def note_look(self, actor: User) -> None:
        """Somebody had a masked code shown: for the record; nothing about the order is different."""
        looked = {"order_id": self.pk, "what": "looked", "source": self.status, "target": self.status}
        OrderEvent.objects.create(**looked, actor=actor)

    def start_closing(self) -> None:
        """Claim the wish that is due, and the turn of the polls. It comes round again, should this worker be lost."""
        now = timezone.now()
        is_done = self.status == self.Status.RECEIVED
        status, wish = (self.status, "finish") if is_done else (self.Status.WAITING, "cancel")
        due = Q(status=status, **{f"{wish}_at__lte": now})
        just_asked = Q(asked_at__isnull=False, asked_at__gt=now - ASK_APART)
        self._make_way(due & just_asked, f"{wish}_at")
        again = now + self._pause_after(f"{wish} sent", FINISH_AGAIN_AFTER if is_done else CANCEL_AGAIN_AFTER)
        asking: dict[str, Any] = {"asked_at": now, "next_poll_at": if_polled(Value(now + CLOSING_TAKES))}
        asking |= {f"{wish}_at": again, "is_closing": True}
        self.change(f"{wish} sent", only_if=due & ~just_asked, **asking)

    def stop_closing(self, what: str, words: str, **fields: Any) -> None:
        """The wish stays, its sending is over; a cancel had the turn of the polls, which go on now."""
        now = timezone.now()
        if self.status == self.Status.WAITING:
            fields |= {"next_poll_at": now + self.poll_every, "asked_at": now}
        self.change(what, words=words, only_if=Q(status=self.status), is_closing=False, **fields)

    def _pause_after(self, sent: str, pauses: list[timedelta]) -> timedelta:
        """How long to wait for the effect of one more sending: ever longer."""
        times = OrderEvent.objects.filter(order_id=self.pk, what=sent).count()
        return pauses[min(times, len(pauses) - 1)]

    def _make_way(self, closing: Q, wish_at: str) -> None:
        """Put a wish off that would ask too soon after a poll, and the next poll off until after it."""
        apart = F("asked_at") + ASK_APART
        way = {wish_at: apart, "next_poll_at": if_polled(apart + BELL_TAKES)}
        type(self).objects.filter(closing, pk=self.pk).update(**way)
