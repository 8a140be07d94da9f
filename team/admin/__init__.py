"""The team in Django admin."""

from team.admin import audit, invitations, limits, members, policy

__all__ = ["audit", "invitations", "limits", "members", "policy"]
