"""Tests whether LegitSMS accepts the API key."""

from legitsms import BadKey, Client, LegitSMSError, NoActivation, NotSent, Refused

UNUSED_ID = "0"  # no order has it, so getStatus changes nothing


def check_key(client: Client) -> str:
    """Send one getStatus, and return the result as a sentence for an administrator."""
    try:
        client.get_status(UNUSED_ID)
    except BadKey as refusal:
        return f"LegitSMS did not accept the key ({refusal.word})."
    except NoActivation as answer:
        return f"LegitSMS accepted the key ({answer.word} for an order that nobody has, as it should be)."
    except NotSent as fault:
        return f"LegitSMS could not be reached ({fault.kind}). The key was not sent."
    except Refused as other:
        return f"LegitSMS answered {other.word}, which says nothing about the key."
    except LegitSMSError as fault:
        return f"LegitSMS gave no answer that can be understood ({fault.kind}). Try again in a moment."
    return "LegitSMS accepted the key."
