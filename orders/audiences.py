"""Who may do what with an order, and so which card of it they see. The one place that knows the rules.

Everybody with a role sees every order of the team. Who has the right to buy acts on all of them, or on their own where
the team's policy says so; an unclear purchase is settled by an administrator, or by its owner where the policy says so.
Without the right to see codes a card has only their last two characters.
"""

from dataclasses import dataclass, replace
from itertools import product
from typing import Self, TypeGuard

from django.contrib.auth.models import AnonymousUser

from team.models import Policy, User
from team.roles import ADMINISTER, BUY, SEE_CODES


@dataclass(frozen=True, slots=True)
class Audience:
    """What those may who look at a card. All who may the same get the same bytes."""

    acts: bool
    settles: bool
    sees_codes: bool

    @property
    def key(self) -> str:
        rights = {"acts": self.acts, "settles": self.settles, "codes": self.sees_codes}
        return " ".join(name for name, has in rights.items() if has) or "looks"

    def narrowed(self, *, is_unclear: bool, has_codes: bool) -> "Audience":
        """Without what makes no difference to a card in this state, so that fewer are rendered."""
        return replace(self, settles=self.settles and is_unclear, sees_codes=self.sees_codes and has_codes)


def audiences(*, is_unclear: bool, has_codes: bool) -> set[Audience]:
    """Everyone for whom a card in this state looks different."""
    everyone = [Audience(*rights) for rights in product((True, False), repeat=3)]
    return {may.narrowed(is_unclear=is_unclear, has_codes=has_codes) for may in everyone if may.acts or not may.settles}


def may_look(user: User | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active and user.role is not None


@dataclass(frozen=True, slots=True)
class Visitor:
    """A member who looks, with the rights of this moment: a stream keeps it without asking the database."""

    member: int
    buys: bool
    sees_codes: bool
    acts_on_all: bool
    settles_all: bool
    settles_own: bool

    @classmethod
    def of(cls, user: User | AnonymousUser, policy: Policy | None = None) -> Self | None:
        """None for somebody who may look at nothing."""
        if not may_look(user):
            return None
        policy, administers = policy or Policy.current(), user.has_perm(ADMINISTER)
        return cls(
            member=user.pk,
            buys=user.has_perm(BUY),
            sees_codes=user.has_perm(SEE_CODES),
            acts_on_all=administers or policy.buyers_act_on == Policy.Reach.TEAM,
            settles_all=administers,
            settles_own=policy.buyers_settle,
        )

    def towards(self, owner: int) -> Audience:
        """What this member may do with an order of `owner`."""
        is_mine = owner == self.member
        acts = self.buys and (is_mine or self.acts_on_all)
        settles = acts and (self.settles_all or (is_mine and self.settles_own))
        return Audience(acts, settles, self.sees_codes)
