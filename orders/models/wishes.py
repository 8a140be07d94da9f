"""What people wish of an order. The tick sends it when LegitSMS allows."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from orders.models.answers import POLL_EVERY, Answers
from orders.models.event import OrderEvent
from orders.models.life import Life
from orders.models.queries import GRID_SLACK
from team.models import User

WITHDRAWN = "withdrawn"
CANCEL_TAKES = timedelta(seconds=15)  # longer than its three calls usually take; a repeat is safe
CANCEL_AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (15, 30, 60)]
FINISH_AGAIN_AFTER = [timedelta(seconds=seconds) for seconds in (15, 30, 60, 120, 300)]
ASK_APART = POLL_EVERY - GRID_SLACK
BELL_TAKES = timedelta(seconds=2)  # the tick rings every second


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
        """Claim the wish that is due. It comes round again, should this worker be lost."""
        now = timezone.now()
        if self.status == self.Status.RECEIVED:
            due = Q(status=self.Status.RECEIVED, finish_at__lte=now)
            again = now + self._pause_after("finish sent", FINISH_AGAIN_AFTER)
            self.change("finish sent", only_if=due, is_closing=True, finish_at=again)
            return
        due = Q(status=self.Status.WAITING, cancel_at__lte=now)
        just_asked = Q(asked_at__isnull=False, asked_at__gt=now - ASK_APART)
        self._make_way(due & just_asked)
        again = now + self._pause_after("cancel sent", CANCEL_AGAIN_AFTER)
        asking: dict[str, Any] = {"asked_at": now, "next_poll_at": now + CANCEL_TAKES}
        self.change("cancel sent", only_if=due & ~just_asked, is_closing=True, cancel_at=again, **asking)

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

    def _make_way(self, for_cancel: Q) -> None:
        """Put a cancel off that would ask too soon after a poll, and the next poll off until after the cancel."""
        apart = F("asked_at") + ASK_APART
        type(self).objects.filter(for_cancel, pk=self.pk).update(cancel_at=apart, next_poll_at=apart + BELL_TAKES)
