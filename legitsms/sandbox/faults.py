"""Fault injection: faults that are applied to the next matching calls."""

from dataclasses import asdict, dataclass, field
from types import NoneType
from typing import Any

# The kinds of fault, and whether the call takes effect all the same (a number is bought, an order cancelled). The
# fault's `acts` overrides that.
KINDS = {
    "refuse": False,  # the text `word`, such as NO_NUMBERS
    "drop_before": False,  # the connection is closed without an answer; `reset` closes it with a TCP reset
    "drop_after": True,  # the same, after the call took effect
    "hang": False,  # no answer for `seconds` (null: until the client disconnects), then the connection is closed
    "delay": True,  # the correct answer after `seconds`
    "drip": True,  # the correct answer, one byte every `seconds`, from its `part` on (continue: endless 100 Continue)
    "status": False,  # HTTP status `status` with an HTML page, or with `text`
    "html": False,  # HTTP 200 with the HTML page of a bot check
    "empty": False,  # HTTP 200 without a body
    "huge": False,  # HTTP 200 with a body of `mib` MiB; `gzip` sends it compressed, a thousand times smaller
    "redirect": False,  # HTTP `status` (302) to `url`
    "garbage": False,  # HTTP 200 with a text that is not in the protocol, or with `text`
    "reply": False,  # exactly `text`, with HTTP status `status` (200) and `content_type`
    "raw": False,  # exactly the bytes of `text` (latin-1), then the connection is closed
}
DELIVERING = {"delay", "drip"}  # the client gets the correct answer in the end
PARTS = {"body", "headers", "continue"}
NUMBERS = ("times", "status", "seconds", "mib")
TEXTS = ("action", "word", "text", "content_type", "url")


@dataclass(slots=True)
class Fault:
    """One fault: its kind, the calls that it applies to, how often, and the details of its kind."""

    fault: str
    action: str = "*"
    order: str | None = None  # only calls for this order
    where: dict[str, str] = field(default_factory=dict)  # only calls with these parameters
    times: int | None = 1  # null: until cleared
    acts: bool | None = None
    word: str = "NO_NUMBERS"
    text: str | None = None
    status: int | None = None
    content_type: str = "text/html; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict)  # more HTTP headers of a wrong page, such as Retry-After
    url: str = "http://127.0.0.1:9/"
    seconds: float | None = None
    part: str = "body"
    mib: float = 10
    gzip: bool = False
    reset: bool = False

    def __post_init__(self) -> None:
        if self.fault not in KINDS:
            raise ValueError(f"fault is one of {', '.join(KINDS)}")
        if self.part not in PARTS:
            raise ValueError(f"part is one of {', '.join(sorted(PARTS))}")
        for names, kind in ((NUMBERS, (int, float)), (TEXTS, str)):
            for name in names:
                if not isinstance(getattr(self, name), (kind, NoneType)):
                    raise ValueError(f"{name} does not fit")  # noqa: TRY004 it comes from JSON, and ValueError is answered with 400
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more, or null")
        if not isinstance(self.headers, dict):
            raise ValueError("headers is an object")  # noqa: TRY004
        self.headers = {name: str(value) for name, value in self.headers.items()}
        if not all(text.isprintable() and text.isascii() for pair in self.headers.items() for text in pair):
            raise ValueError("headers are printable ASCII")
        self.where = {name: str(value) for name, value in self.where.items()}
        if self.order is not None:
            self.where["id"] = str(self.order)

    @property
    def takes_effect(self) -> bool:
        return KINDS[self.fault] if self.acts is None else self.acts

    @property
    def delivers(self) -> bool:
        return self.fault in DELIVERING

    def matches(self, query: dict[str, str]) -> bool:
        is_action = self.action in {"*", query.get("action")}
        return is_action and all(query.get(name) == value for name, value in self.where.items())


class Faults:
    """The pending faults, in the order in which they were added."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._pending.append(fault)

    def take(self, query: dict[str, str]) -> Fault | None:
        """Return the first fault that matches this call, and count it as used."""
        for fault in self._pending:
            if fault.matches(query):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if not fault.times:
            self._pending.remove(fault)

    def clear(self) -> None:
        self._pending.clear()

    def pending(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._pending]
