"""Rows for tests: each needs only the fields that its test is about."""

import uuid
from datetime import timedelta
from importlib import import_module
from itertools import count

from auditlog.context import disable_auditlog
from django.apps import apps
from django.contrib.auth.models import Group
from django.utils import timezone

from catalog.matching import matches
from catalog.models import Country, Listing, Price, Service
from orders.models import Heartbeat, Order, Purchase
from team.models import User
from team.roles import Role

numbers = count(1)

ENDED = {"finished", "cancelled", "closed", "refused"}
BOUGHT = {"waiting", "received", "finished", "cancelled", "closed"}


def make_roles():
    """What the migration made, once more: a test that commits empties every table when it is over."""
    if not Group.objects.exists():
        import_module("team.migrations.0002_roles").make_roles(apps, None)
        import_module("team.migrations.0005_policy_row").make_policy(apps, None)


@disable_auditlog()  # nobody did it; and a trail of it would take most of the time
def make_user(username="", role=Role.BUYER, **fields):
    user = User.objects.create_user(username or f"member{next(numbers)}", password="a password", **fields)
    if role:
        make_roles()
        user.take_role(role)
    return user


def make_administrator(**fields):
    return make_user(f"administrator{next(numbers)}", Role.ADMINISTRATOR, **fields)


def make_purchase(buyer=None, quantity=1, **fields):
    return Purchase.objects.create(uuid=uuid.uuid4(), buyer=buyer or make_user(), quantity=quantity, **fields)


def make_order(status="requested", *, owner=None, purchase=None, **fields):
    """An order as it is in `status`, put there without its history."""
    purchase = purchase or make_purchase(owner)
    now = timezone.now()
    usual = {
        "owner": owner or purchase.buyer,
        "ordinal": 1,
        "upstream": "sandbox",
        "server": 1,
        "country": "187",
        "country_name": "USA",
        "country_iso": "us",
        "service": "wa",
        "service_name": "Whatsapp",
        "not_after": now + timedelta(minutes=2),
    }
    return Order.objects.create(purchase=purchase, status=status, **usual | as_in(status, now) | fields)


def as_in(status, now):
    """What every order in `status` has."""
    fields = {}
    if status != "requested":
        fields |= {"attempt": uuid.uuid4(), "buying_at": now}
    if status in BOUGHT:
        fields |= {"bought_at": now, "activation_id": f"activation{next(numbers)}", "phone": "12025550123"}
    if status in {"waiting", "received"}:
        fields |= {"next_poll_at": now}
    if status in ENDED:
        fields |= {"ended_at": now}
    return fields


def make_received(text="123456", **fields):
    """An order whose code is there."""
    order = make_order("received", received_at=timezone.now(), **fields)
    order.codes.create(text=text)
    return order


def make_line(*statuses):
    """The orders of one purchase, one in each of `statuses`."""
    purchase = make_purchase(quantity=len(statuses))
    return [make_order(status, purchase=purchase, ordinal=ordinal) for ordinal, status in enumerate(statuses, 1)]


def make_country(code="187", name="USA", *, server=1, **fields):
    """A row of a server's list, and the place that the facts give it."""
    made = Country.objects.create(**{"upstream": "sandbox", "server": server, "code": code, "name": name} | fields)
    matches.assign_places(Country.objects.filter(pk=made.pk))
    made.refresh_from_db()
    return made


def make_service(code="wa", name="Whatsapp", *, server=1, **fields):
    """A row of a server's list, and the brands that the facts give it."""
    made = Service.objects.create(**{"upstream": "sandbox", "server": server, "code": code, "name": name} | fields)
    matches.assign_brands(Service.objects.filter(pk=made.pk))
    return made


def make_price(service, country="usa", **fields):
    return Price.objects.create(service=service, country=country, **fields)


def make_listing(kind="services", *, server=1, **fields):
    usual = {"upstream": "sandbox", "refreshed_at": timezone.now()}
    return Listing.objects.create(kind=kind, server=server, **usual | fields)


def make_offer(server=1, country="187", service="wa", **figures):
    """Lists on which this service in this country can be found."""
    make_listing("countries", server=server)
    make_listing("services", server=server, country=country if server == 3 else "")
    where, what = make_country(country, server=server, iso="US"), make_service(service, server=server)
    if server == 3:
        make_price(what, country, **figures)
    return where, what


def make_heartbeats(*names):
    for name in names or Heartbeat.NAMES:
        Heartbeat.beat(name)
