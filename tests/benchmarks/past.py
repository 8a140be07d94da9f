"""A believable past of a team: orders with their codes and events, made in bulk."""

import random
import uuid
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from orders.models import Code, Order, OrderEvent, Purchase
from tests.factories import make_user

MEMBERS = ("Ana", "Ben", "Chioma", "Dmitri", "Elif", "Farid", "Greta", "Hugo")
SERVICES = ("WhatsApp", "Telegram", "Amazon", "Google", "Instagram", "Uber", "Tinder", "Discord", "PayPal", "eBay")
COUNTRIES = (
    ("US", "USA", "1202555"),
    ("GB", "United Kingdom", "4479111"),
    ("DE", "Germany", "4915123"),
    ("NL", "Netherlands", "316123"),
    ("ID", "Indonesia", "62812345"),
    ("BR", "Brazil", "55119612"),
)
ENDS = ("finished", "cancelled", "closed", "refused")
DELIVERY = {1: (62, 24, 9, 5), 2: (71, 12, 11, 6), 3: (84, 7, 5, 4)}  # of a hundred, how many end so
PURPOSES = ("", "", "", "ticket {n}", "campaign spring", "campaign autumn", "accounts for support", "test {n}")
CHUNK = 2000


def make_past(orders: int, days: int, seed: int = 1) -> None:
    """`orders` orders over the last `days` days."""
    chance = random.Random(seed)
    members = [make_user(name.lower(), first_name=name) for name in MEMBERS]
    now = timezone.now()
    times = sorted(now - timedelta(days=days * chance.random()) for _ in range(orders))
    for start in range(0, orders, CHUNK):
        chunk = [one_order(chance, members, at, start + n) for n, at in enumerate(times[start : start + CHUNK])]
        Purchase.objects.bulk_create(order.purchase for order in chunk)
        Order.objects.bulk_create(chunk)
        Code.objects.bulk_create(code(chance, order) for order in chunk if order.received_at)
        OrderEvent.objects.bulk_create(event for order in chunk for event in events(order))


def one_order(chance, members, at, n: int) -> Order:
    buyer = chance.choices(members, range(len(members), 0, -1))[0]
    server, (iso, country, prefix) = chance.choice((1, 1, 2, 3, 3, 3)), chance.choice(COUNTRIES)
    service = chance.choices(SERVICES, range(len(SERVICES), 0, -1))[0]
    status = chance.choices(ENDS, DELIVERY[server])[0]
    offer = {"server": server, "country": iso, "service": service.lower(), "service_name": service}
    place = {"country_name": country, "country_iso": iso.lower(), "place_key": country.lower()}
    return Order(
        purchase=Purchase(uuid=uuid.UUID(int=chance.getrandbits(128)), buyer=buyer, quantity=1),
        **{"owner": buyer, "ordinal": 1, "upstream": "sandbox", "brand_key": service.lower()} | offer | place,
        status=status,
        requested_at=at,
        not_after=at + timedelta(minutes=2),
        ended_at=at,
        price=Decimal(chance.randrange(5, 250)) / 100 if server == 3 else None,
        note=chance.choice(PURPOSES).format(n=n % 997),
        refund={"cancelled": "confirmed", "closed": "unconfirmed"}.get(status, ""),
        **(
            {"outcome": "NO_NUMBERS"}
            if status == "refused"
            else bought(chance, at, prefix, n, is_there=status == "finished")
        ),
    )


def bought(chance, at, prefix: str, n: int, *, is_there: bool) -> dict[str, object]:
    wait = timedelta(seconds=min(1100, 4 + chance.lognormvariate(3.4, 0.8)))
    return {
        "bought_at": at + timedelta(seconds=1),
        "activation_id": str(5_000_000 + 7 * n),
        "phone": f"{prefix}{chance.randrange(10**5):05}",
        "received_at": at + wait if is_there else None,
    }


def code(chance, order: Order) -> Code:
    number = f"{chance.randrange(10**6):06}"
    text = f"Your {order.service_name} code is {number}. Tell it to nobody." if chance.random() < 0.2 else number
    return Code(order=order, text=text, received_at=order.received_at)


def events(order: Order):
    at, buyer = order.requested_at, order.purchase.buyer
    yield OrderEvent(order=order, at=at, actor=buyer, what="requested", source="requested", target="requested")
    if order.bought_at:
        yield OrderEvent(order=order, at=order.bought_at, what="moved", source="buying", target="waiting")
    if order.received_at:
        yield OrderEvent(order=order, at=order.received_at, what="moved", source="waiting", target="received")
        yield OrderEvent(
            order=order, at=order.received_at, actor=buyer, what="copied", source="received", target="received"
        )
