"""Ending a member's sessions. Django keeps them without a name, so each is opened to see whose it is."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def end(member: int) -> None:
    living = Session.objects.filter(expire_date__gt=timezone.now())
    Session.objects.filter(
        pk__in=[each.pk for each in living if each.get_decoded().get(SESSION_KEY) == str(member)]
    ).delete()
