"""Whether LegitSMS accepts the key, in words for an administrator."""

from legitsms import BadKey, Client, LegitSMSError, NoActivation, NotSent, Refused

NOBODYS_ORDER = "0"  # asking about it changes nothing, whoever's key it is


def verdict(client: Client) -> str:
    try:
        client.get_status(NOBODYS_ORDER)
    except BadKey as no:
        return f"LegitSMS did not accept the key ({no.word})."
    except NoActivation as yes:
        return f"LegitSMS accepted the key ({yes.word} for an order that nobody has, as it should be)."
    except NotSent as fault:
        return f"LegitSMS could not be reached ({fault.kind}). The key was not sent."
    except Refused as other:
        return f"LegitSMS answered {other.word}, which says nothing about the key."
    except LegitSMSError as fault:
        return f"LegitSMS gave no answer that can be understood ({fault.kind}). Try again in a moment."
    return "LegitSMS accepted the key."
