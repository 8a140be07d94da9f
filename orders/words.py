"""Every answer and outcome in plain words: what happened, what was or was not bought, what to do."""

from decimal import Decimal
from typing import TYPE_CHECKING

from django.utils import timezone

if TYPE_CHECKING:
    from orders.models import Order, OrderEvent

NOTHING = "Nothing was bought."

REFUSALS = {
    "NO_NUMBERS": "Server {server} has no numbers for {service} in {country} right now.",
    "NO_BALANCE": "The LegitSMS wallet does not have enough money for this number.",
    "BAD_SERVICE": "Server {server} no longer knows this service. We are refreshing its list.",
    "BAD_KEY": "LegitSMS did not accept the team's API key. Buying and checking are paused until an administrator"
    " enters the current key.",
    "unreadable key": "The team's API key is kept encrypted, and the key that opens it is missing.",
    "BAD_COUNTRY": "Server {server} no longer knows this country. We are refreshing its list.",
    "BANNED": "LegitSMS has blocked this account for a while. Ask an administrator.",
    "CHANNELS_LIMIT": "LegitSMS allows no more numbers at the same time. Finish or cancel one first.",
    "unreachable": "LegitSMS could not be reached in three tries.",
    "certificate": "The server that answered does not prove that it is LegitSMS, so nothing was sent to it. Tell an"
    " administrator.",
    "input": "The request could not be written down as LegitSMS wants it. Tell an administrator.",
    "too old": "The request waited too long for its turn.",
    "withdrawn": "The request was withdrawn in time.",
    "stopped": "The number before this one was not bought, so this one was not asked for.",
    "permission": "Its owner may no longer buy numbers.",
    "nobody polls": "The part of the desk that watches for codes is not running, so a code could be missed.",
    "journal": "The desk cannot write or read its purchase journal (the disk may be full).",
    "not bought": "A team member looked at LegitSMS's own site: no number had been bought.",
}
SAME_AS = {
    **dict.fromkeys(("NO_NUMBER",), "NO_NUMBERS"),
    **dict.fromkeys(("NO_MEANS", "NO_MONEY"), "NO_BALANCE"),
    **dict.fromkeys(("WRONG_SERVICE",), "BAD_SERVICE"),
    **dict.fromkeys(("WRONG_COUNTRY",), "BAD_COUNTRY"),
    **dict.fromkeys(("NO_KEY", "invalid_key"), "BAD_KEY"),
}
UNKNOWN_REFUSAL = "LegitSMS refused: {outcome}."

UNCLEAR = {
    "ERROR_SQL": "LegitSMS reported a fault on its side. We do not know whether a number was bought.",
    "redirect": "LegitSMS's answer led to another address, and was not followed.",
    "worker lost": "The desk was interrupted while buying, so we do not know whether a number was bought.",
    "unknown id": "LegitSMS does not know the order ID that was entered, so it was not taken.",
    "taken id": "Another order has the order ID that was entered, so it was not taken.",
    "same number twice": "LegitSMS answered with a number that another order already has.",
}
CHECKING = "Asking LegitSMS whether it knows order {claimed_id}…"
UNKNOWN = "LegitSMS does not know order {activation_id}. It may belong to another API key. We keep asking."
UNENDED = "LegitSMS has not ended this order within an hour. We keep asking, every few minutes."
UNRECORDED = "The desk cannot record LegitSMS's answer; its log says why. Tell an administrator. We ask again later."
NO_ANSWER = "LegitSMS did not give a clear answer. A number may have been bought."
LOOK = "Look in your LegitSMS account before buying again."

# What one limit allows, and what is left of it, as the Buy page and its dialog say it
LEFT = {
    "purchases_a_day": "{left} of {limit} purchase{s} left today",
    "spending_a_day": "{left} of {limit} left today",
    "spending_a_month": "{left} of {limit} left this month",
    "highest_price": "{limit} at most for one number",
    "open_at_once": "{left} of {limit} open order{s} left",
    "quantity": "{limit} at most in one purchase",
}
# Why a limit stands in the way
BEYOND = {
    "purchases_a_day": "Your limit is {limit} purchase{s} a day: {used} used since 00:00 UTC, {left} left.",
    "spending_a_day": "Your limit is {limit} a day: {used} used since 00:00 UTC, {left} left, and this is {asked}.",
    "spending_a_month": "Your limit is {limit} a month (UTC): {used} used, {left} left, and this is {asked}.",
    "highest_price": "Your limit for one number is {limit}, and this one is {asked}.",
    "open_at_once": "Your limit is {limit} open order{s} at once: {used} open, {left} left; finish or cancel one.",
    "quantity": "Your limit is {limit} in one purchase.",
}
ASK = "Ask an administrator."
TOO_FAST = f"You made {{limit}} purchases within a minute, and the desk allows no more. {NOTHING} Wait a moment."


def dollars(amount: Decimal) -> str:
    return f"${amount:.2f}"


def just_bought(order: "Order") -> str:
    """What a member is asked who buys the same a few seconds after somebody else."""
    seconds = int((timezone.now() - order.requested_at).total_seconds())
    return f"{order.purchase.buyer.short_name} bought this {seconds} s ago. Buy another?"


def switched_already(order: "Order") -> str:
    who = order.purchase.buyer.short_name
    return f"{who} switched this order to server {order.server} already, and that one is still open. {NOTHING}"


def refusal(outcome: str, order: "Order") -> str:
    word = outcome.partition(":")[0]
    sentence = REFUSALS.get(SAME_AS.get(word, word), UNKNOWN_REFUSAL)
    names = {"service": order.service_name, "country": order.country_name, "server": order.server}
    said = sentence.format(outcome=outcome, **names)
    return said if outcome == "not bought" else f"{said} {NOTHING}"


def doubt(outcome: str) -> str:
    return f"{UNCLEAR.get(outcome.split(':', maxsplit=1)[0], NO_ANSWER)} {LOOK}"


def told(order: "Order") -> str:
    """What the card says below its heading; empty where the card speaks for itself."""
    match order.status:
        case "refused":
            said = refusal(order.outcome, order)
        case "unclear" if order.claimed_id:
            said = CHECKING.format(claimed_id=order.claimed_id)
        case "unclear":
            said = doubt(order.outcome)
        case "closed" if order.outcome == "written off":
            said = "Written off by a team member; whether money was taken is not known."
        case "closed":
            said = "Cancelled or expired; no code arrived. Whether money came back is not stated."
        case "waiting" | "received" if order.problem == "not recorded":
            said = UNRECORDED
        case "waiting" if order.needs_attention:
            said = UNKNOWN.format(activation_id=order.activation_id) if order.unknown_times else UNENDED
        case "buying" if order.cancel_at:
            said = "Being bought at this moment; it is cancelled as soon as LegitSMS allows."
        case "requested" if order.connect_failures:
            said = "LegitSMS cannot be reached. Nothing was sent; trying again."
        case _:
            said = ""
    return said


MOVES = {
    ("requested", "buying"): "Buying began",
    ("buying", "requested"): "Nothing was sent; it goes back to the queue",
    ("buying", "waiting"): "Number given",
    ("unclear", "waiting"): "Settled: it was bought",
    ("buying", "unclear"): "No clear answer",
    ("unclear", "refused"): "Settled: it was not bought",
    ("unclear", "closed"): "Written off",
    ("refused", "waiting"): "The journal knew the number after all",
    ("waiting", "received"): "Code received",
    ("waiting", "cancelled"): "Cancelled and refunded",
    ("waiting", "closed"): "Closed by LegitSMS",
    ("received", "finished"): "Finished",
    ("cancelled", "received"): "A code arrived after all",
    ("closed", "received"): "A code arrived after all",
}
DEEDS = {
    "requested": "Asked for",
    "replaced": "Switched to another server",
    "cancel wished": "Cancel planned",
    "cancel in time": "The desk cancels it, since its expected end is near",
    "cancel withdrawn": "Kept waiting",
    "cancel not yet": "LegitSMS does not allow cancelling yet",
    "cancel sent": "Cancelling",
    "finish wished": "Done pressed",
    "finish sent": "Finishing",
    "not checked": "Not checked for half a minute",
    "checked again": "Checked again",
    "another code": "Another message received",
    "note": "Note changed",
    "handed over": "Handed over",
    "copied": "Copied the code",
    "looked": "Looked at the code",
    "answer": "LegitSMS's answer was not understood",
    "ended upstream": "LegitSMS has ended the order",
    "needs attention": "Needs attention",
    "claimed": "Said to be bought; LegitSMS is asked",
    "claim refused": "LegitSMS does not know what was entered",
    "set aside": "LegitSMS's answer could not be recorded",
    "hidden": "Taken off the board",
    "forgotten": "Number and codes deleted, as the team's policy says",
}


def event(happened: "OrderEvent") -> str:
    """One line of the history."""
    if happened.what == "moved":
        ends_unsent = happened.target == "refused" and happened.source in {"requested", "buying"}
        return "Not bought" if ends_unsent else MOVES[happened.source, happened.target]
    return DEEDS.get(happened.what, happened.what)
