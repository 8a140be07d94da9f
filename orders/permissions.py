"""Who may do what with an order, and so which variant of its card they see. The one place with these rules.

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
class OrderPermissions:
    """What a viewer may do with one order. All viewers with equal permissions get the same card."""

    acts: bool
    settles: bool
    sees_codes: bool

    @property
    def key(self) -> str:
        rights = {"acts": self.acts, "settles": self.settles, "codes": self.sees_codes}
        return " ".join(name for name, has in rights.items() if has) or "view"

    def for_state(self, *, is_unclear: bool, has_codes: bool) -> "OrderPermissions":
        """Without what makes no difference to a card in this state, so that fewer variants are rendered."""
        return replace(self, settles=self.settles and is_unclear, sees_codes=self.sees_codes and has_codes)


def card_variants(*, is_unclear: bool, has_codes: bool) -> set[OrderPermissions]:
    """The permissions for which a card in this state looks different."""
    everyone = [OrderPermissions(*rights) for rights in product((True, False), repeat=3)]
    return {
        may.for_state(is_unclear=is_unclear, has_codes=has_codes) for may in everyone if may.acts or not may.settles
    }


def can_view(user: User | AnonymousUser) -> TypeGuard[User]:
    return isinstance(user, User) and user.is_active and user.role is not None


@dataclass(frozen=True, slots=True)
class Viewer:
    """A member with their permissions of this moment, which a stream keeps without a database query."""

    member: int
    buys: bool
    sees_codes: bool
    acts_on_all: bool
    settles_all: bool
    settles_own: bool

    @classmethod
    def of(cls, user: User | AnonymousUser, policy: Policy | None = None) -> Self | None:
        """None for somebody who may see nothing."""
        if not can_view(user):
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

    def permissions_for(self, owner: int) -> OrderPermissions:
        """What this member may do with an order of `owner` (a primary key)."""
        is_mine = owner == self.member
        acts = self.buys and (is_mine or self.acts_on_all)
        settles = acts and (self.settles_all or (is_mine and self.settles_own))
        return OrderPermissions(acts, settles, self.sees_codes)
