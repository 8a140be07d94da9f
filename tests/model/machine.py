"""Whole stories beside the single steps, since chance alone tells them too seldom."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.model.basis import happens, has
from tests.model.chances import FITS, answers, deeds, ends, events, fault, n, points, rarely, seconds, texts
from tests.model.members import Members
from tests.model.world import Fate


class Machine(Members):
    """All that may happen."""

    @precondition(Members.has_room)
    @happens()
    def buy_ok(self):
        self.buy(fault="")

    @precondition(Members.has_room)
    @happens(fault=fault)
    def buy_badly(self, fault):
        self.buy(fault)

    @precondition(has("waiting", "received"))
    @happens(seconds=st.sampled_from([0.3, 3, 3, 31]), fault=fault)
    def poll_badly(self, seconds, fault):
        self.world.advance(seconds)
        self.world.do("sweep", fault=fault)

    @precondition(Members.has_sold)
    @happens(n=n, text=texts, fault=rarely)
    def code_comes(self, n, text, fault):
        self.world.upstream.receive(self.number(n), text)
        self.world.advance(31)
        self.world.do("sweep", fault=fault)

    @precondition(has("waiting"))
    @happens(n=n, fault=fault, seconds=st.sampled_from([3, 121, 121]), nth=st.sampled_from([0, 1, 1, 2]))
    def cancel_full(self, n, fault, seconds, nth):
        pk = self.fitting(n, "waiting")
        self.world.do("cancel", pk)
        self.world.advance(seconds)
        self.world.do("send", pk, fault=fault, nth=nth)

    @precondition(Members.has_room)
    @happens(seconds=st.sampled_from([1, 16]), fault=rarely)
    def cancel_early(self, seconds, fault):
        """LegitSMS sold it later than we asked, and counts its two minutes from then."""
        pk = self.ask_for_one()
        worker = self.world.begin("buy", pk)
        worker.go()
        self.world.advance(seconds)
        self.world.finish(worker)
        self.world.do("cancel", pk)
        self.world.advance(120 - seconds)
        self.world.do("send", pk, fault=fault)

    @precondition(has("received"))
    @happens(n=n, text=texts)
    def second_code(self, n, text):
        row = self.watcher.orders[self.fitting(n, "received")]
        self.world.upstream.receive(row.activation_id, f"second {text}")
        self.world.advance(31)
        self.world.do("sweep")

    @precondition(has("waiting", "received"))
    @happens(n=n, text=texts, left=points, ends=ends, fault=rarely)
    def lose_the_reader(self, n, text, left, ends, fault):
        """Who read a code comes to an end, or finds the database locked, and a second message follows."""
        number = self.watcher.orders[self.fitting(n, "waiting", "received")].activation_id
        self.world.upstream.receive(number, text)
        self.world.advance(31)
        reader = self.world.begin("sweep")
        if reader.go() == "call":
            reader.go(Fate(fault), left, ends)
        if not reader.is_gone:
            self.world.finish(reader)
        self.world.upstream.receive(number, f"second {text}")

    @precondition(has("received"))
    @happens(n=n, fault=rarely, nth=st.sampled_from([0, 1]))
    def finish_full(self, n, fault, nth):
        pk = self.fitting(n, "received")
        self.world.do("finish", pk)
        self.world.advance(3)
        self.world.do("send", pk, fault=fault, nth=nth)

    @precondition(Members.has_orders)
    @happens(seconds=st.sampled_from([0, 3, 61]))
    def recover_full(self, seconds):
        self.world.advance(seconds)
        self.run_recovery()

    @precondition(Members.has_room)
    @happens(fault=fault)
    def buy_two_badly(self, fault):
        self.world.press_new(2)
        self.watcher.look()
        first, second = sorted(self.watcher.orders)[-2:]
        self.world.do("buy", first, fault=fault)
        self.world.do("buy", second)

    @precondition(Members.has_room)
    @happens(seconds=st.sampled_from([31, 121]), is_beat_down=st.sampled_from([False, True]))
    def buy_late(self, seconds, is_beat_down):
        pk = self.ask_for_one()
        self.world.is_beat_down = is_beat_down
        self.world.advance(seconds)
        self.world.do("buy", pk)
        self.world.is_beat_down = False

    @precondition(Members.has_room)
    @happens()
    def buy_in_vain(self):
        """LegitSMS cannot be reached, again and again."""
        self.buy("unsent")
        for _ in range(3):
            self.world.advance(5)
            self.world.do("buy", max(self.watcher.orders), fault="unsent")

    @precondition(Members.has_room)
    @happens(second=seconds, fault=rarely, is_held=st.sampled_from([False, True]))
    def buy_meanwhile(self, second, fault, is_held):
        """Something else happens while the purchase is on its way there, or back."""
        pk = self.ask_for_one()
        late = self.world.begin("buy", pk)
        if late.go() == "call" and is_held:
            late.go(Fate(fault, is_held=True))
        self.world.do(second, pk)
        if not late.is_gone:
            self.world.finish(late, fault)

    @precondition(Members.has_room)
    @happens()
    def bad_key_at_the_end(self):
        """LegitSMS refuses the key when every number is over, and nobody asks about any."""
        for number in self.world.upstream.sold:
            self.world.upstream.expire(number)
        self.world.advance(31)
        self.world.do("sweep")
        self.world.set_weather("key")
        self.buy(fault="")
        self.world.set_weather("good")

    @precondition(Members.has_room)
    @happens(how=answers, fault=rarely)
    def answer_late(self, how, fault):
        """A person has settled what was unclear when the purchase's answer comes after all."""
        pk = self.ask_for_one()
        late = self.world.begin("buy", pk)
        if late.go() == "call" and late.go(Fate(fault, is_held=True)) == "answer":
            self.world.advance(61)
            self.world.do("recover")
            self.world.do("settle", pk, how=how)
            self.world.finish(late)

    @precondition(has("unclear"))
    @happens(n=n, first=answers, second=answers, left=points)
    def race_two_people(self, n, first, second, left):
        pk = self.fitting(n, "unclear")
        late = self.world.begin("settle", pk, how=first)
        late.go(left=left)
        self.world.do("settle", pk, how=second)
        self.world.do("check", pk)
        if not late.is_gone:
            self.world.finish(late)

    @precondition(has("waiting"))
    @happens(n=n, first=st.sampled_from(["send", "sweep"]), fault=rarely)
    def race_for_the_code(self, n, first, fault):
        """One asks late, when another has read the code and the number is over."""
        pk = self.fitting(n, "waiting")
        self.world.do("cancel", pk)
        self.world.advance(121)
        late = self.world.begin(first, pk)
        late.go()
        self.happen("sms", pk)
        self.world.advance(16)
        self.world.do("sweep", fault=fault)
        self.happen("expire", pk)
        if not late.is_gone:
            self.world.finish(late)

    @precondition(Members.may_begin)
    @happens(first=deeds, second=seconds, n=n, left=st.sampled_from(range(13)), event=events, fault=fault)
    def race_two_workers(self, first, second, n, left, event, fault):  # noqa: PLR0917
        """One stops before its request, or anywhere; another runs; the world moves; the first goes on."""
        pk = self.fitting(n, *FITS[first])
        if first == "sweep":
            self.world.advance(3)
        late = self.world.begin(first, pk)
        late.go(left=left)
        self.world.do(second, pk)
        self.happen(event, pk)
        self.world.finish(late, fault)

    @precondition(Members.has_orders)
    @happens(deed=deeds, n=n, left=points, is_answered=st.sampled_from([False, True]), fault=rarely, ends=ends)
    def end_midway(self, deed, n, left, is_answered, fault, ends):  # noqa: PLR0917
        """A worker dies, or finds the database locked, on its way to LegitSMS or on its way back."""
        worker = self.world.begin(deed, self.fitting(n, *FITS[deed]))
        if not is_answered or worker.go() == "call":
            worker.go(Fate(fault), left, ends)
        if not worker.is_gone:
            self.world.finish(worker)

    @precondition(Members.has_room)
    @happens(left=points, fault=rarely, ends=ends)
    def buy_midway(self, left, fault, ends):
        worker = self.world.begin("buy", self.ask_for_one())
        if worker.go() == "call":
            worker.go(Fate(fault), left, ends)
