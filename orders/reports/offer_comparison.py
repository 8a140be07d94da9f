"""The three servers' offers side by side, with the team's own statistics and a suggestion with its reason."""

from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from catalog import offers
from catalog.models import Brand, Place, Server
from catalog.offers import Offer
from orders.reports import delivery_stats
from orders.reports.delivery_stats import DeliveryStats, minutes

BLURBS = {1: "lowest prices, big stock", 2: "premium", 3: "180+ countries"}


@dataclass(frozen=True, slots=True)
class Row:
    """One offer as the Buy page shows it. `number`: its place in the list."""

    offer: Offer
    stats: DeliveryStats
    is_suggested: bool = False
    reason: str = ""
    number: int = 1

    @property
    def blurb(self) -> str:
        return BLURBS[self.offer.server]

    @property
    def value(self) -> str:
        return self.offer.value

    @property
    def out_of_stock_at(self) -> object:
        return self.stats.out_of_stock_at

    @property
    def stock_text(self) -> str:
        return "stock not published" if self.offer.stock is None else f"{self.offer.stock} in stock"

    @property
    def html_id(self) -> str:
        return f"offer-{self.number}"

    @property
    def described_by(self) -> str:
        """The ids of the elements that describe the radio button."""
        parts = ["about", "figures", "record"]
        parts += ["reason"] if self.is_suggested else []
        parts += ["warning"] if self.out_of_stock_at else []
        return " ".join(f"{self.html_id}-{part}" for part in parts)


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

    @property
    def summary(self) -> str:
        """What a screen reader says when the offers change."""
        offers = f"{len(self.rows)} offer{'' if len(self.rows) == 1 else 's'}"
        pending = ", server 3 is being asked" if self.is_pending else ""
        return f"{offers} for {self.brand.name} in {self.place.name}{pending}."


def compare(brand: Brand, place: Place, *, without_server: int | None = None) -> Comparison:
    """Every offer of `brand` in `place`, by server. `without_server` leaves one out, when switching away from it."""
    found = offers.find_offers(brand, place)
    shown = [offer for offer in found.offers if offer.server != without_server]
    stats = delivery_stats.for_offers(shown)
    pairs = [(offer, stats[offer.server, offer.country.code, offer.service.code]) for offer in shown]
    best, reason = suggest(pairs)
    rows = [
        Row(offer, each, offer is best, reason if offer is best else "", number)
        for number, (offer, each) in enumerate(pairs, start=1)
    ]
    elsewhere = [] if rows else offers.place_counts(brand)
    missing = [server for server in found.missing if server != without_server]
    return Comparison(brand, place, rows, missing, found.is_pending, elsewhere)


def suggest(pairs: list[tuple[Offer, DeliveryStats]]) -> tuple[Offer | None, str]:
    """The offer to try first, and why: what brought this team its codes, else what is in stock, else server 1."""
    usable = [(offer, stats) for offer, stats in pairs if not stats.out_of_stock_at and offer.stock != 0]
    if len(usable) < 2:  # noqa: PLR2004  nothing to choose between
        return (usable[0][0], "the only one that has it now") if usable and len(pairs) > 1 else (None, "")
    judged = [(offer, stats) for offer, stats in usable if stats.has_enough_data and stats.codes]
    if judged:
        offer, stats = max(judged, key=lambda pair: (pair[1].percent or 0, -waited(pair[1])))
        return (
            offer,
            f"{stats.percent} % of your codes came, {minutes(stats.median or timedelta())} at the median",
        )
    stocked = [offer for offer, _ in usable if offer.stock and offer.price is not None]
    if stocked:
        cheapest = min(stocked, key=lambda offer: offer.price or Decimal(0))
        return cheapest, f"{cheapest.stock} in stock, at a published price"
    first = min((offer for offer, _ in usable), key=lambda offer: offer.server)
    return first, "the provider names it first, for the lowest prices" if first.server == Server.ONE else ""


def waited(stats: DeliveryStats) -> float:
    return stats.median.total_seconds() if stats.median is not None else 0.0
