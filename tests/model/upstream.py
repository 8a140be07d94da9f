"""A LegitSMS that is nothing but its books: what it sold, received and refunded, and how answers go astray."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from legitsms import NotSent, Uncertain

KEY = "the-key-that-is-nowhere-kept"
TWO_MINUTES = timedelta(seconds=120)

# What becomes of a call: "before" LegitSMS acts on it, or "after"
ASTRAY = [
    f"{what} {when}" for what in ("lost", "502", "garbage", "wrong", "sql", "hang") for when in ("before", "after")
]
FAULTS = ["", "", "unsent", *ASTRAY, "unknown", "twin", "refused"]

GARBAGE = [
    "",
    "<b>Warning</b>: ?api_key=KEY in handler.php<br>ACCESS_CANCEL",
    "ACCESS_NUMBER",
    "ACCESS_NUMBER:77:",
    "STATUS_OK",
    "access_cancel",
    "NO_BALANCE<br>",
    '{"status": "ACCESS_NUMBER"}',
]
WRONG = {  # words of the protocol, but no answer to this question
    "getNumber": ["STATUS_CANCEL", "NO_ACTIVATION", "BAD_STATUS", "ERROR_WAIT_2_MINUTES"],
    "getStatus": ["ACCESS_CANCEL", "NO_NUMBERS", "ACCESS_ACTIVATION"],
    "setStatus": ["STATUS_CANCEL", "NO_NUMBERS", "STATUS_WAIT_CODE"],
}


@dataclass
class Sold:
    """One number in LegitSMS's books."""

    intent: int  # the order for which it was asked
    at: datetime
    state: str = "active"  # then cancelled, finished or expired
    is_refunded: bool = False
    has_expired: bool = False  # perhaps only for a while
    sms: list[str] = field(default_factory=list)

    @property
    def is_over(self) -> bool:
        return self.state != "active" or self.has_expired

    @property
    def status(self) -> str:
        if self.sms and self.state in {"active", "finished"}:
            return f"STATUS_OK:{self.sms[-1]}"
        return "STATUS_WAIT_CODE" if self.state == "active" else "STATUS_CANCEL"


class LegitSMS:
    """`hang` lets time pass while nobody answers."""

    def __init__(self, now, hang):
        self.now, self.hang = now, hang
        self.sold = {}
        self.sent = Counter()  # getNumber calls that arrived, by intent
        self.unsent = Counter()
        self.key, self.has_money = KEY, True  # the key that it accepts

    def receive(self, number, text):
        """A message arrives. One for a number that had expired makes it answer again."""
        sold = self.sold[number]
        if sold.state in {"active", "expired"}:
            sold.sms.append(text)
            sold.state = "active"

    def expire(self, number):
        if self.sold[number].state == "active":
            self.sold[number].state, self.sold[number].has_expired = "expired", True

    def answer(self, params, intent, fault, key):
        """The text that comes back; raises what the transport raises where none does."""
        action = params["action"]
        kind, _, when = fault.partition(" ")
        if action == "getNumber":
            (self.unsent if kind == "unsent" else self.sent)[intent] += 1
        if kind == "unsent":
            raise NotSent("connect")
        if kind in {"twin", "refused", "unknown"}:
            return self.oddly(kind, params, intent, key)
        text = "" if when == "before" else self.act(params, intent, key)
        return self.astray(kind, action, text, key)

    def astray(self, kind, action, text, key):
        turn = self.sent.total() + len(text)
        match kind:
            case "lost":
                raise Uncertain("connection")
            case "502":
                raise Uncertain("HTTP 502", "<html>Bad gateway</html>")
            case "hang":
                self.hang(20 if action == "getNumber" else 8)
                raise Uncertain("timeout")
            case "garbage":
                return GARBAGE[turn % len(GARBAGE)].replace("KEY", key)
            case "wrong":
                return WRONG[action][turn % len(WRONG[action])]
            case "sql":
                return "ERROR_SQL"
        return text

    def oddly(self, kind, params, intent, key):
        if params["action"] != "getNumber":
            return "NO_ACTIVATION" if kind == "unknown" else self.act(params, intent, key)
        if kind == "twin" and self.sold:
            return f"ACCESS_NUMBER:{next(iter(self.sold))}:19995550100"
        return "NO_NUMBERS"

    def act(self, params, intent, key):
        if key != self.key:
            return "BAD_KEY"
        if params["action"] == "getNumber":
            return self.sell(intent)
        if not (sold := self.sold.get(params["id"])):
            return "NO_ACTIVATION"
        if params["action"] == "getStatus":
            return sold.status
        return self.cancel(sold) if params["status"] == "8" else self.finish(sold)

    def sell(self, intent):
        if not self.has_money:
            return "NO_BALANCE"
        number = f"{7001 + len(self.sold)}"
        self.sold[number] = Sold(intent, self.now())
        return f"ACCESS_NUMBER:{number}:1202555{number}"

    def cancel(self, sold):
        if sold.state != "active":
            return "ACCESS_CANCEL" if sold.is_refunded else "BAD_STATUS"
        if sold.sms:
            return sold.status
        if self.now() < sold.at + TWO_MINUTES:
            return "ERROR_WAIT_2_MINUTES"
        sold.state, sold.is_refunded = "cancelled", True
        return "ACCESS_CANCEL"

    def finish(self, sold):
        if sold.state not in {"active", "finished"} or not sold.sms:
            return "BAD_STATUS"
        sold.state = "finished"
        return "ACCESS_ACTIVATION"
