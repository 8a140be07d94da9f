"""One getStatus: a code in its answer is in the journal before anything else is done with it."""

import logging
from datetime import timedelta

from django.utils import timezone

import legitsms
from legitsms import LegitSMSError
from orders import failpoints
from orders.models import Order
from orders.worker.journal import CodeRecord, journal
from provider import health
from provider.paced_client import PacedClient

log = logging.getLogger(__name__)
RECENT = timedelta(seconds=10)


def request_status(upstream: str, activation_id: str, client: PacedClient) -> legitsms.Status:
    """Send getStatus, and write a code to the journal. Raises what the client raises."""
    journal().is_ready()  # reserve the room now: the disk may be full when the code comes
    status = client.get_status(activation_id)
    journal_code(upstream, activation_id, status)
    return status


def journal_code(upstream: str, activation_id: str, answer: object) -> None:
    """Write the code of `answer`, if it is one, to the journal.

    If this process dies or the database is away, the next answer may hold a second code instead of this one.
    """
    if isinstance(answer, legitsms.Code):
        failpoints.hit("code_before_journal")
        try:
            journal().write(CodeRecord(upstream, activation_id, answer.text))
        except OSError:
            log.exception("the code of number %s could not be written to the journal", activation_id)
        failpoints.hit("code_after_journal")


def describe(fault: LegitSMSError) -> str:
    """What happened, and how upstream's answer began, for the order's history. Holds no key (see `legitsms`)."""
    return f"{fault.kind}: {fault.excerpt}" if fault.excerpt else fault.kind


def record_health(upstream: str, fault: LegitSMSError | None) -> None:
    """Record what the last answer says about the key, the wallet and the connection. `fault` None: a good answer."""

    def has_recent_answers() -> bool:
        return bool(Order.objects.answered_since(timezone.now() - RECENT).filter(upstream=upstream).exists())

    health.record_health(upstream, fault, has_recent_answers)
