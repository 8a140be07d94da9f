"""A team with something of everything, and a browser of each visitor, for walking through all addresses."""

import uuid
from http.cookies import SimpleCookie

from django.apps import apps
from django.contrib import admin
from django.db import connection, transaction
from django.forms import BaseForm
from django.test import Client

from catalog.models import Decision, Favourite, Listing, Suggestion
from orders.models import Order, OrderEvent, Purchase
from team.models import Limit, User
from tests.conftest import confirmed
from tests.factories import make_offer, make_received, make_user
from tests.walk.visitors import Visitor

CODE = "CANARY482913"
KEY = "CANARY-api-key-4f2a"
HUGE = 10**30


class World:
    """Each request is rolled back, so that none changes what the next one finds."""

    def __init__(self):
        make_offer()
        members = {who: make_user(role=who.role) for who in Visitor if who is not Visitor.ANONYMOUS}
        self.cookies = {who: confirmed(member).cookies for who, member in members.items()}
        self.cookies[Visitor.ANONYMOUS] = SimpleCookie()
        User.objects.filter(pk=members[Visitor.DEACTIVATED].pk).update(is_active=False)
        self.own = {who: make_received(CODE, owner=member) for who, member in members.items()}
        self.others = make_received(CODE, owner=make_user())
        self.listing = Listing.objects.first()
        self.before = fingerprint()
        self.requests = 0

    def ask(self, who, method, path, fields=None, **extra):
        """The answer, with everything that it changed taken back."""
        browser = Client(raise_request_exception=False, **extra)
        browser.cookies = SimpleCookie(self.cookies[who].output(header="", sep=";"))
        self.requests += 1
        with transaction.atomic():
            response = getattr(browser, method)(path, fields or {})
            response.changed = fingerprint() != self.before
            transaction.set_rollback(True)
        return response

    def mine(self, route, who):
        """What fills the open place of `route`: something that is there, and the visitor's own where it can be."""
        order = self.own.get(who, self.others)
        if route.is_of_admin:
            return self._first_of(route)
        if route.name == "orders:offboard":
            return self.others.owner_id
        kinds = {"purchase_id": order.purchase_id, "token": "x"}
        [(_, name)] = route.parameters[:1] or [("", "")]
        return kinds.get(name, self.listing.pk if route.name.startswith("catalog:") else order.pk)

    @staticmethod
    def _first_of(route):
        parts = route.address.strip("/").split("/")
        try:
            model = apps.get_model(parts[1], parts[2])
        except (LookupError, IndexError):
            return 1
        return getattr(model.objects.first(), "pk", 1)


def fingerprint():
    """Changes with anything that a visitor could have changed."""
    counted = (OrderEvent, Purchase, User, Limit, Decision, Favourite, Suggestion)
    counts = "".join(f", (SELECT COUNT(*) FROM {model._meta.db_table})" for model in counted)  # noqa: S608
    with connection.cursor() as cursor:  # in one question, since it follows thousands of requests
        cursor.execute(f"SELECT COUNT(*), SUM(version){counts} FROM {Order._meta.db_table}")  # noqa: S608
        return cursor.fetchone()


def strange():
    """What no place of an address was made for."""
    return ("0", "-1", str(HUGE), "no-number", str(uuid.uuid4()), "%00", "..%2f..", "\N{GRINNING FACE}", "x" * 3000)


def field_names():
    """Every field of every form that there is, and of all that the administration makes forms of while it is asked."""
    forms, names = (
        [BaseForm],
        {"q", "o", "p", "page", "_popup", "action", "_selected_action", "next", "verdict", "offer"},
    )
    while forms:
        form = forms.pop()
        forms += form.__subclasses__()
        names |= set(getattr(form, "base_fields", {}))
    return sorted(names | {field.name for model in admin.site._registry for field in model._meta.get_fields()})


HOSTILE = (
    [],
    ["1", "2"],
    "x" * 20_000,
    "-1",
    "1e999",
    "NaN",
    "\x00",
    "'; DROP TABLE orders_order; --",
    "\N{FULLWIDTH DIGIT NINE}",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
)
