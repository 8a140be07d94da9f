"""User-facing sentences: what happened, what was or was not bought, what to do."""

from decimal import Decimal

from django.utils import timezone

from legitsms import Refused
from legitsms.error_words import ERROR_WORDS
from orders.lifecycle.answers import NOT_RECORDED
from orders.models import NOT_BOUGHT, WAITS_FOR_TURN, WRITTEN_OFF, Order, OrderEvent
from provider import budget
from provider.models.budget import SPARE

NOTHING_BOUGHT = "Nothing was bought."

KEY_REFUSED = (
    "LegitSMS did not accept the team's API key. Buying and checking are paused until an administrator enters the"
    " current key."
)
UNKNOWN_COUNTRY = "Server {server} no longer knows this country. We are refreshing its list."
# By LegitSMS's word or our own. Of several words with one meaning (`legitsms.error_words`) the first has the sentence
REFUSALS = {
    "NO_NUMBERS": "Server {server} has no numbers for {service} in {country} right now.",
    "NO_BALANCE": "The LegitSMS wallet does not have enough money for this number.",
    "BAD_SERVICE": "Server {server} no longer knows this service. We are refreshing its list.",
    "BAD_KEY": KEY_REFUSED,
    "invalid_key": KEY_REFUSED,  # in orders of before 1.0
    "unreadable key": "The team's API key is kept encrypted, and the key that opens it is missing.",
    "BAD_COUNTRY": UNKNOWN_COUNTRY,
    "WRONG_COUNTRY": UNKNOWN_COUNTRY,
    "HTTP 429": "LegitSMS was asked too often.",
    "ACCOUNT_BAN": "LegitSMS has banned the team's account. Tell an administrator.",
    "IP_BLOCKED": "LegitSMS has blocked the address of this server. Tell an administrator.",
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
UNKNOWN_REFUSAL = "LegitSMS refused: {outcome}."

UNCLEAR = {
    "ERROR_SQL": "LegitSMS reported a fault on its side. We do not know whether a number was bought.",
    "redirect": "LegitSMS's answer led to another address, and was not followed.",
    "worker lost": "The desk was interrupted while buying, so we do not know whether a number was bought.",
    "unknown id": "LegitSMS does not know the order ID that was entered, so it was not taken.",
    "taken id": "Another order has the order ID that was entered, so it was not taken.",
    "same number twice": "LegitSMS answered with a number that another order already has.",
}
CHECKING = "Asking LegitSMS whether it knows order {reported_id}…"
UNKNOWN_ORDER = "LegitSMS does not know order {activation_id}. It may belong to another API key. We keep asking."
NOT_ENDED = "LegitSMS has not ended this order within an hour. We keep asking, every few minutes."
NOT_RECORDED_TEXT = (
    "The desk cannot record LegitSMS's answer; its log says why. Tell an administrator. We ask again later."
)
NO_ANSWER = "LegitSMS did not give a clear answer. A number may have been bought."
CHECK_ACCOUNT = "Look in your LegitSMS account before buying again."

# What is left of each limit, as the Buy page and its dialog say it
LIMITS_LEFT = {
    "purchases_a_day": "{left} of {limit} purchase{s} left today",
    "spending_a_day": "{left} of {limit} left today",
    "spending_a_month": "{left} of {limit} left this month",
    "highest_price": "{limit} at most for one number",
    "open_at_once": "{left} of {limit} open order{s} left",
    "quantity": "{limit} at most in one purchase",
}
# Why a limit refuses the purchase
LIMITS_EXCEEDED = {
    "purchases_a_day": "Your limit is {limit} purchase{s} a day: {used} used since 00:00 UTC, {left} left.",
    "spending_a_day": "Your limit is {limit} a day: {used} used since 00:00 UTC, {left} left, and this is {asked}.",
    "spending_a_month": "Your limit is {limit} a month (UTC): {used} used, {left} left, and this is {asked}.",
    "highest_price": "Your limit for one number is {limit}, and this one is {asked}.",
    "open_at_once": "Your limit is {limit} open order{s} at once: {used} open, {left} left; finish or cancel one.",
    "quantity": "Your limit is {limit} in one purchase.",
}
ASK_ADMINISTRATOR = "Ask an administrator."
TOO_FAST = f"You made {{limit}} purchases within a minute, and the desk allows no more. {NOTHING_BOUGHT} Wait a moment."


def dollars(amount: Decimal) -> str:
    return f"${amount:.2f}"


def purchase_title(quantity: int) -> str:
    return "Buy 1 number" if quantity == 1 else f"Buy {quantity} numbers"


def switch_title(order: Order) -> str:
    return f"Switch {order.service_name} · {order.country_name} to another server"


def progress_title(quantity: int, bought: int, unclear: int) -> str:
    """The heading of a completed purchase of which not every number was bought."""
    if bought:
        return f"{bought} of {quantity} bought"
    return "We do not know whether it was bought" if unclear else "Nothing was bought"


def bought_by_other(order: Order) -> str:
    """What a member is asked who buys the same a few seconds after somebody else."""
    seconds = int((timezone.now() - order.requested_at).total_seconds())
    return f"{order.purchase.buyer.short_name} bought this {seconds} s ago. Buy another?"


def switched_already(order: Order) -> str:
    who = order.purchase.buyer.short_name
    return f"{who} switched this order to server {order.server} already, and that one is still open. {NOTHING_BOUGHT}"


def first_word(word: str) -> str:
    """The first of the error words that raise the same exception as `word`; `word` where that says too little."""
    known = ERROR_WORDS.get(word)
    if known is None or known.error is Refused:
        return word
    return next(other for other, meaning in ERROR_WORDS.items() if meaning.error is known.error)


def refusal_message(outcome: str, order: Order) -> str:
    word = outcome.partition(":")[0]
    sentence = REFUSALS.get(first_word(word), UNKNOWN_REFUSAL)
    names = {"service": order.service_name, "country": order.country_name, "server": order.server}
    text = sentence.format(outcome=outcome, **names)
    return text if outcome == NOT_BOUGHT else f"{text} {NOTHING_BOUGHT}"


def unclear_message(outcome: str) -> str:
    return f"{UNCLEAR.get(outcome.split(':', maxsplit=1)[0], NO_ANSWER)} {CHECK_ACCOUNT}"


def request_message(order: Order) -> str:
    """Why nothing was sent yet for a request; empty where it has not waited long."""
    if order.outcome != WAITS_FOR_TURN:
        return "LegitSMS cannot be reached. Nothing was sent; trying again." if order.connect_failures else ""
    seconds = budget.interval(order.upstream).total_seconds() / SPARE
    allowed = f"LegitSMS allows {60 / seconds:.0f} requests a minute. " if seconds else ""
    return f"Waiting for its turn: {allowed}{NOTHING_BOUGHT}"


def message(order: Order) -> str:
    """What the card says below its heading; empty where the card needs no words."""
    match order.status:
        case "refused":
            text = refusal_message(order.outcome, order)
        case "unclear" if order.reported_id:
            text = CHECKING.format(reported_id=order.reported_id)
        case "unclear":
            text = unclear_message(order.outcome)
        case "closed" if order.outcome == WRITTEN_OFF:
            text = "Written off by a team member; whether money was taken is not known."
        case "closed":
            text = "Cancelled or expired; no code arrived. Whether money came back is not stated."
        case "waiting" | "received" if order.problem == NOT_RECORDED:
            text = NOT_RECORDED_TEXT
        case "waiting" if order.needs_attention:
            text = UNKNOWN_ORDER.format(activation_id=order.activation_id) if order.unknown_times else NOT_ENDED
        case "buying" if order.cancel_at:
            text = "Being bought at this moment; it is cancelled as soon as LegitSMS allows."
        case "requested":
            text = request_message(order)
        case _:
            text = ""
    return text


TRANSITIONS = {
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
EVENTS = {
    "requested": "Asked for",
    "replaced": "Switched to another server",
    "cancel requested": "Cancel planned",
    "cancel before end": "The desk cancels it, since its expected end is near",
    "cancel undone": "Kept waiting",
    "cancel too early": "LegitSMS does not allow cancelling yet",
    "cancel sent": "Cancelling",
    "finish requested": "Done pressed",
    "finish sent": "Finishing",
    "waits for turn": "Waiting for its turn",
    "not checked": "Not checked for half a minute",
    "checked again": "Checked again",
    "another code": "Another message received",
    "note": "Note changed",
    "reassigned": "Handed over",
    "copied": "Copied the code",
    "revealed": "Looked at the code",
    "answer": "LegitSMS's answer was not understood",
    "ended upstream": "LegitSMS has ended the order",
    "needs attention": "Needs attention",
    "reported bought": "Said to be bought; LegitSMS is asked",
    "report rejected": "LegitSMS does not know what was entered",
    "postponed": "LegitSMS's answer could not be recorded",
    "hidden": "Taken off the board",
    "erased": "Number and codes deleted, as the team's policy says",
}


def event_text(event: OrderEvent) -> str:
    """One line of the history."""
    if event.what == "moved":
        is_refused = event.target == "refused" and event.source in {"requested", "buying"}
        moved = f"{event.source} → {event.target}"
        return "Not bought" if is_refused else TRANSITIONS.get((event.source, event.target), moved)
    return EVENTS.get(event.what, event.what)
