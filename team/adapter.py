"""How allauth behaves at this door."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedDoor(DefaultAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    """Nobody signs up by themselves: an administrator makes members."""

    def is_open_for_signup(self, _request: HttpRequest) -> bool:
        return False
