"""What LegitSMS says of a number, and how the order takes it in."""

import contextlib
import random
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from orders import crash
from orders.models.event import Code, OrderEvent
from orders.models.face import Face
from orders.models.life import Life, StaleOrder

POLL_EVERY = timedelta(seconds=3)
POLL_RECEIVED_EVERY = timedelta(seconds=30)  # a second message may follow the first
SLOWEST_RETRY = timedelta(seconds=25)  # with its jitter, 30
UNCHECKED_AFTER = timedelta(seconds=30)
UNKNOWN_TIMES, UNKNOWN_FOR = 3, timedelta(seconds=60)  # NO_ACTIVATION this often, for this long, needs a person
POLL_UNKNOWN_EVERY = timedelta(seconds=60)
POLL_LATE_EVERY, POLL_LATE_FOR = timedelta(seconds=60), timedelta(minutes=10)  # an end that is not certain
LONGEST_ASIDE = timedelta(hours=1)
NOT_RECORDED = "not recorded"


class Answers(Face, Life):
    """An order that is asked about. `next_poll_at` is the lease, empty when upstream need not be asked."""

    next_poll_at = models.DateTimeField(null=True, blank=True)
    poll_every = models.DurationField(default=POLL_EVERY)
    asked_at = models.DateTimeField(
        null=True, blank=True, help_text="A question about it last left then, or soon after."
    )
    ask_until = models.DateTimeField(null=True, blank=True, help_text="It ended, but a code may still come.")
    polled_at = models.DateTimeField(null=True, blank=True, help_text="LegitSMS last gave a good answer.")
    poll_failures = models.PositiveIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True)
    is_unchecked = models.BooleanField(default=False, help_text="LegitSMS has not answered about it for half a minute.")
    unknown_since = models.DateTimeField(null=True, blank=True)
    unknown_times = models.PositiveIntegerField(default=0)
    needs_attention = models.BooleanField(default=False)
    received_at = models.DateTimeField(null=True, blank=True)

    class Meta(Life.Meta):
        abstract = True

    @transaction.atomic
    def record_code(self, text: str) -> None:
        """Store what LegitSMS received, first of all; a different text later is a second message."""
        _, is_new = Code.objects.get_or_create(order_id=self.pk, text=text)
        if not is_new:
            self.record_nothing_new()
            return
        sources = [self.Status.WAITING, self.Status.CANCELLED, self.Status.CLOSED]
        now = timezone.now()
        try:
            self._move(
                sources,
                self.Status.RECEIVED,
                **self._checked(),
                received_at=now,
                ended_at=None,
                hidden_at=None,
                refund="",
                outcome="",
                cancel_at=None,
                is_closing=False,
                ask_until=None,
                poll_every=POLL_RECEIVED_EVERY,
                next_poll_at=now + POLL_RECEIVED_EVERY,
            )
        except StaleOrder:
            self.change("another code", **self._checked())
        crash.point("code_before_commit")

    def record_closed(self) -> None:
        """STATUS_CANCEL: over, without a word about the money. Where a cancel was wished, asked on for a while."""
        asked = self._asked_on() if self.cancel_at else {}
        said = {"words": "STATUS_CANCEL", "refund": self.Refund.UNCONFIRMED}
        self._end([self.Status.WAITING], self.Status.CLOSED, **said | asked)

    def record_cancelled(self) -> None:
        """ACCESS_CANCEL: the only answer that promises the money back."""
        self._end([self.Status.WAITING], self.Status.CANCELLED, words="ACCESS_CANCEL", refund=self.Refund.CONFIRMED)

    def record_finished(self, words: str) -> None:
        """Done; asked on for a while, since one more code may have come just before."""
        self._end([self.Status.RECEIVED], self.Status.FINISHED, words=words, **self._asked_on())

    def record_nothing_new(self) -> None:
        """A good answer; after trouble the card says so, and the order is asked as often as before."""
        if self.is_unchecked or self.unknown_times:
            usual = {self.Status.WAITING: POLL_EVERY, self.Status.RECEIVED: POLL_RECEIVED_EVERY}
            every = usual.get(self.status, POLL_LATE_EVERY)
            self.change("checked again", **self._checked(), poll_every=every)
        else:
            type(self).objects.filter(pk=self.pk).update(polled_at=timezone.now(), poll_failures=0, problem="")

    def record_silence(self, words: str) -> None:
        """No answer, or none that makes sense: ask again, ever later, and say so on the card after half a minute."""
        pause = min(POLL_EVERY * 2 ** min(self.poll_failures, 5), SLOWEST_RETRY) * random.uniform(1, 1.2)  # noqa: S311  jitter
        now = timezone.now()
        asked = type(self).objects.filter(pk=self.pk, next_poll_at__isnull=False)
        asked.update(poll_failures=F("poll_failures") + 1, problem=words[:300], next_poll_at=now + pause)
        if words[:300] != self.problem:
            self.change("answer", words=words)
        if not self.is_unchecked and now - (self.polled_at or self.bought_at or now) > UNCHECKED_AFTER:
            self.change("not checked", only_if=Q(is_unchecked=False), is_unchecked=True)

    def record_unknown(self) -> None:
        """NO_ACTIVATION ends nothing: after three of them over a minute a person should look, and we ask on, slowly."""
        now = timezone.now()
        since = self.unknown_since or now
        type(self).objects.filter(pk=self.pk).update(
            unknown_times=F("unknown_times") + 1, unknown_since=since, polled_at=now
        )
        if self.unknown_times + 1 >= UNKNOWN_TIMES and now - since >= UNKNOWN_FOR:
            self.ask_for_attention(POLL_UNKNOWN_EVERY)

    def ask_for_attention(self, poll_every: timedelta) -> None:
        with contextlib.suppress(StaleOrder):
            self.change(
                "needs attention", only_if=Q(needs_attention=False), needs_attention=True, poll_every=poll_every
            )

    @classmethod
    @transaction.atomic
    def set_aside(cls, pk: int) -> None:
        """Ask again in 1, 2, 4 … minutes, at most an hour, about an order whose answer cannot be recorded."""
        row = cls.objects.filter(pk=pk)
        failures, status = row.values_list("poll_failures", "status").get()  # whole, it might not even be read
        pause = min(timedelta(minutes=2 ** min(failures, 6)), LONGEST_ASIDE)
        fields = {"next_poll_at": timezone.now() + pause, "needs_attention": True, "problem": NOT_RECORDED}
        row.update(version=F("version") + 1, poll_failures=F("poll_failures") + 1, **fields)
        OrderEvent.objects.create(order_id=pk, what="set aside", source=status, target=status)

    def _asked_on(self) -> dict[str, Any]:
        """The fields of an order that ends here although nobody knows for certain that no code will come."""
        now = timezone.now()
        every = POLL_LATE_EVERY
        return {"poll_every": every, "next_poll_at": now + every, "ask_until": now + POLL_LATE_FOR}

    def _checked(self) -> dict[str, Any]:
        """The fields of an order about which LegitSMS has just said something good: no trouble is left."""
        trouble = {"problem": "", "is_unchecked": False, "needs_attention": False, "unknown_since": None}
        return {**trouble, "poll_failures": 0, "unknown_times": 0, "polled_at": timezone.now()}
