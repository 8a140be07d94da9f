"""The team in Django admin."""

from team.admin import invitations, limits, members, policy, trail

__all__ = ["invitations", "limits", "members", "policy", "trail"]
