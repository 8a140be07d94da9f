"""Which codes a viewer sees unmasked: one rule for cards, pages, the history and its export."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.utils import timezone

from orders.models import Code
from team.models import Policy, User
from team.roles import SEE_CODES


@dataclass(frozen=True, slots=True)
class CodeVisibility:
    """One viewer's rule, computed once for any number of codes."""

    may_see: bool
    masked_before: datetime | None = None

    @classmethod
    def of(cls, user: User | AnonymousUser) -> Self:
        return cls.for_permission(may_see=user.has_perm(SEE_CODES))

    @classmethod
    def for_permission(cls, *, may_see: bool, policy: Policy | None = None) -> Self:
        """For everybody with, or without, the permission to see codes."""
        hours = (policy or Policy.current()).codes_masked_after
        return cls(may_see, timezone.now() - timedelta(hours=hours) if hours else None)

    def hides(self, code: Code) -> bool:
        is_old = self.masked_before is not None and code.received_at < self.masked_before
        return is_old or not self.may_see

    def text(self, code: Code) -> str:
        return code.masked if self.hides(code) else code.text
