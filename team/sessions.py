"""Ends the sessions of a member. Django does not index sessions by user, so each is decoded to find its user."""

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.utils import timezone


def end(user_id: int) -> None:
    valid = Session.objects.filter(expire_date__gt=timezone.now())
    Session.objects.filter(
        pk__in=[session.pk for session in valid if session.get_decoded().get(SESSION_KEY) == str(user_id)]
    ).delete()
