"""Faults to order: what the sandbox does to the next calls instead of answering them well."""

from dataclasses import asdict, dataclass, field
from types import NoneType
from typing import Any

# The kinds of fault, and whether the call still takes effect (a number is bought, an order cancelled);
# `acts` says otherwise.
KINDS = {
    "refuse": False,  # the text `word`, such as NO_NUMBERS
    "drop_before": False,  # the connection ends without an answer; `reset` ends it with a TCP reset
    "drop_after": True,  # the same, but after the call took effect
    "hang": False,  # silence for `seconds` (null: for as long as the client stays), then the connection ends
    "delay": True,  # silence for `seconds`, then the right answer
    "drip": True,  # the right answer, a byte every `seconds`, from its `part` on (continue: 100 Continue, for ever)
    "status": False,  # HTTP status `status` with an HTML page, or with `text`
    "html": False,  # HTTP 200 with an HTML page, as a proxy that wants to see a human sends it
    "empty": False,  # HTTP 200 without a body
    "huge": False,  # HTTP 200 with a body of `mib` MiB; `gzip` sends it compressed, a thousand times smaller
    "redirect": False,  # HTTP `status` (302) to `url`
    "garbage": False,  # HTTP 200 with a text that is in no protocol, or with `text`
    "reply": False,  # exactly `text`, with HTTP status `status` (200) and `content_type`
    "raw": False,  # exactly the bytes of `text` (latin-1) on the connection, which then ends
}
DELIVERING = {"delay", "drip"}  # these bring the right answer in the end
PARTS = {"body", "headers", "continue"}
NUMBERS = ("times", "status", "seconds", "mib")
TEXTS = ("action", "word", "text", "content_type", "url")


@dataclass(slots=True)
class Fault:
    """One fault: its kind, the calls that it meets, how often, and the details of its kind."""

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
                    raise ValueError(f"{name} does not fit")  # noqa: TRY004 a wrong value, to who sends it as JSON
        if self.times is not None and self.times < 1:
            raise ValueError("times is 1 or more, or null")
        self.where = {name: str(value) for name, value in self.where.items()}
        if self.order is not None:
            self.where["id"] = str(self.order)

    @property
    def takes_effect(self) -> bool:
        return KINDS[self.fault] if self.acts is None else self.acts

    @property
    def delivers(self) -> bool:
        return self.fault in DELIVERING

    def meets(self, query: dict[str, str]) -> bool:
        is_action = self.action in {"*", query.get("action")}
        return is_action and all(query.get(name) == value for name, value in self.where.items())


class Faults:
    """The scripted faults, first come, first served."""

    def __init__(self) -> None:
        self._pending: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._pending.append(fault)

    def take(self, query: dict[str, str]) -> Fault | None:
        """Return the fault that meets this call, and count it as used."""
        for fault in self._pending:
            if fault.meets(query):
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
