"""The three servers side by side, with the team's own record, and one of them suggested, with the reason in words."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from catalog import offers
from catalog.models import Brand, Place, Server
from catalog.offers import Offer
from orders import records
from orders.records import Record, clock

BLURBS = {1: "lowest prices, big stock", 2: "premium", 3: "180+ countries"}


@dataclass(frozen=True, slots=True)
class Row:
    """One offer as the Buy page shows it."""

    offer: Offer
    record: Record
    is_suggested: bool = False
    reason: str = ""

    @property
    def blurb(self) -> str:
        return BLURBS[self.offer.server]

    @property
    def value(self) -> str:
        return self.offer.value

    @property
    def out_of_stock_at(self) -> object:
        return self.record.out_of_stock_at


@dataclass(frozen=True, slots=True)
class Comparison:
    brand: Brand
    place: Place
    rows: list[Row]
    missing: list[int] = field(default_factory=list)
    is_pending: bool = False
    elsewhere: list[tuple[int, int]] = field(default_factory=list)

    @property
    def suggested(self) -> Row | None:
        return next((row for row in self.rows if row.is_suggested), None)


def compare(brand: Brand, place: Place, *, without_server: int | None = None) -> Comparison:
    """Every offer of `brand` in `place`, by server. `without_server` leaves one out, when switching away from it."""
    found = offers.compare(brand, place)
    shown = [offer for offer in found.offers if offer.server != without_server]
    known = records.of(shown)
    pairs = [(offer, known[offer.server, offer.country.code, offer.service.code]) for offer in shown]
    best, reason = suggest(pairs)
    rows = [Row(offer, record, offer is best, reason if offer is best else "") for offer, record in pairs]
    elsewhere = [] if rows else offers.sold_elsewhere(brand)
    missing = [server for server in found.missing if server != without_server]
    return Comparison(brand, place, rows, missing, found.is_pending, elsewhere)


def suggest(pairs: list[tuple[Offer, Record]]) -> tuple[Offer | None, str]:
    """The offer to try first, and why: what brought this team its codes, else what is in stock, else server 1."""
    usable = [(offer, record) for offer, record in pairs if not record.out_of_stock_at and offer.stock != 0]
    if len(usable) < 2:  # noqa: PLR2004  nothing to choose between
        return (usable[0][0], "the only one that has it now") if usable and len(pairs) > 1 else (None, "")
    telling = [(offer, record) for offer, record in usable if record.is_telling and record.codes]
    if telling:
        offer, record = max(telling, key=lambda pair: (pair[1].percent or 0, -waited(pair[1])))
        return (
            offer,
            f"{record.percent} % of your codes came, {clock(record.median or timedelta())} at the median",
        )
    stocked = [offer for offer, _ in usable if offer.stock and offer.price is not None]
    if stocked:
        cheapest = min(stocked, key=lambda offer: offer.price or Decimal(0))
        return cheapest, f"{cheapest.stock} in stock, at a published price"
    first = min((offer for offer, _ in usable), key=lambda offer: offer.server)
    return first, "the provider names it first, for the lowest prices" if first.server == Server.ONE else ""


def waited(record: Record) -> float:
    return record.median.total_seconds() if record.median is not None else 0.0
