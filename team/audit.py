"""The audit trail: who changed which setting, limit, role or key, and who signed in. Entries are never changed.

django-auditlog records changes of the models in AUDITLOG_INCLUDE_TRACKING_MODELS. This module records the rest.
"""

from typing import Any

from auditlog.middleware import AuditlogMiddleware
from auditlog.models import LogEntry
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.contrib.contenttypes.models import ContentType
from django.http import HttpRequest

from team import client_address
from team.models import User

MAX_NAME_LENGTH = 150


class AuditMiddleware(AuditlogMiddleware):  # type: ignore[misc]  # ships no types
    """Stores the actor and the client address with every entry of a request."""

    @staticmethod
    def _get_remote_addr(request: HttpRequest) -> str:
        return client_address.address(request)  # the library trusts a header that any client can send


def mask(_secret: str) -> str:
    """Return what an entry shows instead of a secret's old and new value."""
    return "•••"


def record(what: str, *, about: User | None = None, name: str = "", actor: User | None = None) -> None:
    """Add an entry: `what` was done to, or by, the member `about`, or under a `name` that no member has."""
    LogEntry.objects.create(
        content_type=ContentType.objects.get_for_model(User),
        object_pk=str(about.pk) if about else "",
        object_id=about.pk if about else None,
        object_repr=str(about) if about else name[:MAX_NAME_LENGTH],
        action=LogEntry.Action.ACCESS,
        actor=actor,
        additional_data={"what": what},
    )


def record_sign_in(user: User, **_signal: Any) -> None:
    record("signed in", about=user, actor=user)


def record_sign_out(user: User | None, **_signal: Any) -> None:
    if user:
        record("signed out", about=user, actor=user)


def record_failed_sign_in(credentials: dict[str, Any], **_signal: Any) -> None:
    name = str(credentials.get("username") or credentials.get("email") or "")
    record("sign-in failed", about=User.objects.filter(username=name).first(), name=name)


def connect_signals() -> None:
    """Record every sign-in. Django's signals are the only place that all ways of signing in share."""
    for signal, receiver in (
        (user_logged_in, record_sign_in),
        (user_logged_out, record_sign_out),
        (user_login_failed, record_failed_sign_in),
    ):
        signal.connect(receiver, dispatch_uid=receiver.__name__)
