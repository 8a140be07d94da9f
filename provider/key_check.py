"""Tests whether LegitSMS accepts the API key."""

from legitsms import BadKey, LegitSMSError, NoActivation, NotSent, RateLimited, Refused
from provider.paced_client import NoSlot, PacedClient

UNUSED_ID = "0"  # no order has it, so getStatus changes nothing


def check_key(client: PacedClient) -> str:
    """Send one getStatus, and return the result as a sentence for an administrator."""
    try:
        client.get_status(UNUSED_ID)
    except NoSlot:
        return "LegitSMS allows no more requests at the moment. The key was not sent. Try again in a moment."
    except LegitSMSError as fault:
        return describe(fault)
    return "LegitSMS accepted the key."


def describe(fault: LegitSMSError) -> str:
    match fault:
        case BadKey():
            text = f"LegitSMS did not accept the key ({fault.word})."
        case NoActivation():
            text = f"LegitSMS accepted the key ({fault.word} for an order that nobody has, as it should be)."
        case RateLimited():
            text = "LegitSMS was asked too often, which says nothing about the key. Try again in a minute."
        case NotSent():
            text = f"LegitSMS could not be reached ({fault.kind}). The key was not sent."
        case Refused():
            text = f"LegitSMS answered {fault.word}, which says nothing about the key."
        case _:
            text = f"LegitSMS gave no answer that can be understood ({fault.kind}). Try again in a moment."
    return text
