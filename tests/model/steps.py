"""One step at a time: members, workers, LegitSMS and misfortune, in any order."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition

from tests.model.basis import Basis, happens, has, noted
from tests.model.chances import FITS, answers, deeds, ends, fault, n, pauses, points, rarely, texts
from tests.model.world import Fate


class Steps(Basis):
    """Rules that do one thing."""

    @initialize(fault=fault)
    @noted
    def begin_with_numbers(self, fault):
        self.buy(fault="")
        self.buy(fault)

    # --- Members

    @precondition(Basis.has_room)
    @happens(quantity=st.sampled_from([1, 1, 2]))
    def ask(self, quantity):
        self.world.press_new(quantity)

    @precondition(Basis.has_orders)
    @happens(n=n)
    def press_again(self, n):
        keys = list(self.world.presses)
        key = keys[n % len(keys)]
        self.world.press(key, self.world.presses[key])

    @precondition(has("waiting", "buying", "requested"))
    @happens(n=n, act=st.sampled_from(["cancel", "cancel", "undo cancel"]))
    def cancel_or_keep(self, n, act):
        self.world.do(act, self.fitting(n, *FITS[act]))

    @precondition(has("received"))
    @happens(n=n)
    def wish_finish(self, n):
        self.world.do("finish", self.fitting(n, "received"))

    @precondition(has("unclear"))
    @happens(n=n, how=answers, fault=rarely)
    def settle(self, n, how, fault):
        pk = self.fitting(n, "unclear")
        self.world.do("settle", pk, how=how)
        if how == "honest":
            self.world.do("check", pk, fault=fault)

    # --- Workers, step by step

    @precondition(Basis.may_begin)
    @happens(deed=deeds, n=n, left=st.sampled_from([0, 0, 1, 2, 4, 7]))
    def begin(self, deed, n, left):
        self.world.begin(deed, self.fitting(n, *FITS[deed])).go(left=left)

    @precondition(Basis.living)
    @happens(n=n, fault=fault, is_held=st.sampled_from([False, True]), left=st.sampled_from([0, 0, 1, 3]))
    def step(self, n, fault, is_held, left):
        self.worker(n).go(Fate(fault, is_held), left)

    @precondition(Basis.living)
    @happens(n=n, fault=fault, left=points, ends=ends)
    def misfortune(self, n, fault, left, ends):
        self.worker(n).go(Fate(fault), left, ends)

    @precondition(Basis.living)
    @happens(n=n)
    def kill(self, n):
        self.worker(n).die()

    # --- The world

    @happens(seconds=pauses)
    def wait(self, seconds):
        self.world.advance(seconds)

    @precondition(Basis.has_sold)
    @happens(n=n, text=texts)
    def sms(self, n, text):
        self.world.upstream.receive(self.number(n), text)

    @precondition(Basis.has_sold)
    @happens(n=n)
    def expire(self, n):
        self.world.upstream.expire(self.number(n))

    @happens(what=st.sampled_from(["key", "money", "disk", "beat", "dismissed", "good", "good"]))
    def weather(self, what):
        self.world.set_weather(what)

    @happens()
    def enter_key(self):
        """An administrator enters the key that LegitSMS accepts now; workers learn of it within a second."""
        self.world.enter_key(self.world.upstream.key)
