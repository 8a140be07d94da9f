"""Who changed which setting, limit, role or key, and who signed in: written once, and never changed.

django-auditlog notices what is saved (AUDITLOG_INCLUDE_TRACKING_MODELS says of what); the rest is noted here.
"""

from typing import Any

from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from team import visitors
from team.models import User

LONGEST_NAME = 150


class TrailMiddleware(AuditlogMiddleware):  # type: ignore[misc]  # ships no types
    """Lets every entry know who asked, and from which address."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str:
        return visitors.address(request)  # the library's own way believes a header that anybody can send


def hidden(_secret: str) -> str:
    """What an entry says of a secret that changed, before and after."""
    return "•••"


def note(what: str, *, about: User | None = None, name: str = "", actor: User | None = None) -> None:
    """Write down that `what` happened to, or was done by, `about`; or under a `name` that is no member's."""
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_pk=str(about.pk) if about else "",
        object_id=about.pk if about else None,
        object_repr=str(about) if about else name[:LONGEST_NAME],
        action=LogEntry.Action.ACCESS,
        actor=actor,
        additional_data={"what": what},
    )


def note_sign_in(user: User, **_signal: Any) -> None:
    note("signed in", about=user, actor=user)


def note_sign_out(user: User | None, **_signal: Any) -> None:
    if user:
        note("signed out", about=user, actor=user)


def note_failure(credentials: dict[str, Any], **_signal: Any) -> None:
    name = str(credentials.get("username") or credentials.get("email") or "")
    note("sign-in failed", about=User.objects.filter(username=name).first(), name=name)


def begin() -> None:
    """Note from now on who signs in. Django says so by signals alone, whichever way they signed in."""
    for signal, receiver in (
        (user_logged_in, note_sign_in),
        (user_logged_out, note_sign_out),
        (user_login_failed, note_failure),
    ):
        signal.connect(receiver, dispatch_uid=receiver.__name__)
