"""An order, as the simulated provider stores it."""

from dataclasses import asdict, dataclass, field
from decimal import Decimal
from typing import Any, Self

OPEN = {"waiting", "received"}


@dataclass(slots=True)
class Order:
    """A number that was bought. Times are seconds since 1970, of the sandbox's clock."""

    id: str
    server: int
    service: str
    country: str
    phone: str  # digits, with country code
    price: Decimal
    bought_at: float
    cancellable_at: float
    ends_at: float
    coming: list[tuple[float, str]] = field(default_factory=list)  # time and text of each SMS that is still to arrive
    code_on_cancel: str = ""
    nonsense_until: float = 0
    status: str = "waiting"  # then received, finished, cancelled or expired
    is_refunded: bool = False
    codes: list[str] = field(default_factory=list)  # texts that arrived, oldest first
    handed_out: list[str] = field(default_factory=list)  # texts that were sent to the customer in an answer

    @property
    def is_open(self) -> bool:
        return self.status in OPEN

    def catch_up(self, now: float) -> bool:
        """Apply everything that was due by `now`. Return whether anything changed."""
        before = self.status, len(self.codes)
        while self.is_open and self.coming and self.coming[0][0] <= min(now, self.ends_at):
            self.receive(self.coming.pop(0)[1])
        if self.is_open and now >= self.ends_at:
            self.status = "expired"
        return before != (self.status, len(self.codes))

    def receive(self, text: str) -> None:
        self.codes.append(text)
        self.status = "received"

    def answer(self, now: float) -> str:
        """Answer getStatus. A code stays readable until the order expires, and for ever once the order is finished."""
        if now < self.nonsense_until:
            return "STATUS_PERHAPS:maybe tomorrow"
        if self.status in {"cancelled", "expired"}:
            return "STATUS_CANCEL"
        if self.codes:
            return f"STATUS_OK:{self.codes[-1]}"
        return "STATUS_WAIT_CODE" if self.is_open else "STATUS_CANCEL"

    def to_row(self) -> dict[str, Any]:
        return asdict(self) | {"price": str(self.price)}

    @classmethod
    def from_row(cls, row: dict[str, Any]) -> Self:
        coming = [(at, text) for at, text in row["coming"]]
        return cls(**row | {"price": Decimal(row["price"]), "coming": coming})
