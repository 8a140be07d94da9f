"""Colleagues, roles and policies: who may do what changes while orders are asked for, bought, planned and unclear."""

from hypothesis import strategies as st
from hypothesis.stateful import precondition

from tests.model.basis import happens, has
from tests.model.chances import ACTS, FITS, acts, lost, n, people, roles
from tests.model.steps import Steps


class Members(Steps):
    """Rules about the members."""

    @happens(who=st.sampled_from(["ana", "bo", "bo", "vera"]), role=roles)
    def change_role(self, who, role):
        self.world.team.change_role(who, role)

    @happens(reach=st.sampled_from(["team", "own"]), buyers_settle=st.sampled_from([True, True, False]))
    def change_policy(self, reach, buyers_settle):
        self.world.team.change_policy(reach, buyers_settle)

    @precondition(Steps.has_orders)
    @happens(who=people, act=acts, n=n)
    def act_as(self, who, act, n):
        """Somebody presses something, who may perhaps not."""
        self.world.do(act, self.fitting(n, *FITS[act]), who=who, how=ACTS[act])

    @precondition(Steps.has_orders)
    @happens(who=people, act=acts, n=n, left=st.sampled_from(range(1, 8)), role=lost)
    def act_demoted(self, who, act, n, left, role):
        """Their role changes while their request is under way."""
        late = self.world.begin(act, self.fitting(n, *FITS[act]), who=who, how=ACTS[act])
        late.go(left=left)
        self.world.team.change_role("bo" if who == "ada" else who, role)
        if not late.is_gone:
            self.world.finish(late)

    @precondition(Steps.has_room)
    @happens(role=lost, left=st.sampled_from(range(1, 17)), is_back=st.sampled_from([True, True, False]))
    def buy_demoted(self, role, left, is_back):
        """Ana loses her role while her order is queued, or while a worker is about to lease it."""
        late = self.world.begin("buy", self.ask_for_one())
        late.go(left=left)
        before = self.world.team.rights.roles["ana"]
        self.world.team.change_role("ana", role)
        if not late.is_gone:
            self.world.finish(late)
        if is_back:
            self.world.team.change_role("ana", before)

    @precondition(has("unclear"))
    @happens(who=people, n=n, role=lost, policy=st.sampled_from([("team", True), ("own", True), ("team", False)]))
    def claim_demoted(self, who, n, role, policy):
        """Somebody says what was bought, and may no longer when LegitSMS has confirmed it."""
        pk = self.fitting(n, "unclear")
        self.world.do("settle", pk, who=who, how="honest")
        self.world.team.change_role("bo" if who == "ada" else who, role)
        self.world.team.change_policy(*policy)
        self.world.do("check", pk)
