"""Every page that somebody may open, with a team's work on it."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.template.loader import render_to_string
from django.utils import timezone

from catalog.models import Brand, Service, Suggestion
from team import password_link
from team.models import Invitation, Limit, User
from team.roles import Role
from tests.benchmarks.past import make_past
from tests.conftest import confirmed, signed_in
from tests.factories import (
    make_administrator,
    make_heartbeats,
    make_listing,
    make_offer,
    make_order,
    make_received,
    make_roles,
    make_user,
)

ERRORS = ("400", "403", "403_csrf", "404", "429", "500", "503")
PAIR = "service=whatsapp&country=us"
TO_LOOK_AT = ("/", "/history/?period=30", "/statistics/", "/catalog/")
OF_ONESELF = (
    *("/accounts/2fa/", "/accounts/2fa/totp/activate/", "/accounts/2fa/webauthn/add/", "/accounts/sessions/"),
    *("/accounts/password/change/", "/accounts/logout/", "/accounts/reauthenticate/"),
)
OF_NOBODY = (
    *("/accounts/login/", "/accounts/password/reset/", "/accounts/signup/", "/accounts/inactive/"),
    *("/accounts/3rdparty/login/cancelled/", "/accounts/3rdparty/login/error/"),
)
IN_ADMIN = (
    *("auditlog/logentry", "auth/group", "catalog/listing", "catalog/price", "orders/order", "team/invitation"),
    *("team/limit", "team/user"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A page as it is after `who` opened `path` and pressed each of `pressed`."""

    who: str
    path: str
    pressed: tuple[str, ...] = ()
    status: int = 200

    def __str__(self):
        return " > ".join([f"{self.who} {self.path}", *self.pressed])


class Gallery:
    def __init__(self):
        make_roles()
        make_heartbeats()
        make_past(20, days=20)
        self.ana = User.objects.get(username="ana")
        self.ada = make_administrator(first_name="Ada")
        vera, nora = make_user("vera", Role.VIEWER, first_name="Vera"), make_user("nora", None, first_name="Nora")
        people = {"buyer": self.ana, "viewer": vera, "no role": nora, "administrator": self.ada}
        self.browsers = {name: confirmed(member) for name, member in people.items()} | {"new": signed_in(self.ada)}
        self.make_sessions()
        self.make_lists()
        self.orders = self.make_board()
        Limit.objects.create(role=Role.BUYER, purchases_a_day=50, spending_a_day=Decimal(25), quantity=5)
        Limit.objects.create(member=self.ana, open_at_once=20)
        self.links = self.make_links()

    def make_sessions(self):
        chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36"
        keys = [self.browsers["buyer"].session.session_key, signed_in(self.ana).session.session_key]
        for key, address in zip(keys, ("192.0.2.7", "2001:db8::7"), strict=True):
            UserSession.objects.create(user=self.ana, session_key=key, ip=address, user_agent=chrome)

    def make_lists(self):
        for server, country, service in ((1, "187", "wa"), (2, "1", "39")):
            make_offer(server, country, service)
        make_offer(3, "usa", "whatsapp", price=Decimal("1.20"), stock=450)
        make_listing("services", server=3, country="nl", problem="HTTP 502", tried_at=timezone.now())
        Suggestion.objects.create(service=Service.objects.first(), brand=Brand.objects.last(), score=90)

    def make_board(self):
        """One order in each state, by its name."""
        ago = timezone.now() - timedelta(minutes=4)
        mine = {"owner": self.ana, "service_name": "WhatsApp", "brand_key": "whatsapp", "place_key": "us"}
        states = ("requested", "buying", "waiting", "unclear", "refused", "cancelled", "closed")
        orders = {status: make_order(status, **mine) for status in states}
        orders["late"] = make_order("waiting", **mine | {"bought_at": ago, "requested_at": ago, "note": "ticket 4711"})
        orders["planned"] = make_order("waiting", **mine, cancel_at=timezone.now() + timedelta(minutes=1))
        orders["received"] = make_received("482913", **mine)
        return orders

    def make_links(self):
        invitation = Invitation(role=Role.BUYER, invited_by=self.ada, name="Cleo")
        link = f"/join/{invitation.renew_token()}/"
        invitation.save()
        return [link, password_link.link(self.ana).removeprefix(settings.SITE_URL)]

    def pages(self):
        late, unclear = (self.orders[state].pk for state in ("late", "unclear"))
        yield from (Shown("nobody", path) for path in (*OF_NOBODY, *self.links))
        yield from (Shown("nobody", f"/errors/{name}/") for name in ERRORS)
        yield Shown("no role", "/", status=403)
        yield Shown("viewer", "/buy/", status=403)
        yield from (Shown("viewer", path) for path in ("/", f"/orders/{late}/"))
        yield from (Shown("buyer", path) for path in (*TO_LOOK_AT, *OF_ONESELF, "/buy/", f"/orders/{unclear}/"))
        yield Shown("buyer", f"/buy/?{PAIR}")
        yield Shown("buyer", f"/buy/?{PAIR}", ("text=Review purchase",))
        for name in ("cancel", "switch"):
            yield Shown("buyer", "/", (f"button[hx-get='/orders/{late}/{name}/']",))
        yield Shown("buyer", "/", (f"button[hx-get='/orders/{unclear}/settle/']",))
        yield from (Shown("buyer", f"/orders/{late}/{name}/") for name in ("cancel", "note", "reassign"))
        yield from (Shown("administrator", path) for path in ("/", "/catalog/", "/diagnostics/", self.offboard))

    def in_admin(self):
        yield Shown("administrator", "/admin/")
        yield from (Shown("administrator", f"/admin/{model}/") for model in IN_ADMIN)
        places = {"orders/order": self.orders["late"].pk, "team/user": self.ana.pk, "team/policy": 1}
        places |= {"provider/apikey": 1, "auth/group": Group.objects.first().pk, "team/limit": Limit.objects.first().pk}
        yield from (Shown("administrator", f"/admin/{model}/{pk}/change/") for model, pk in places.items())
        yield from (Shown("administrator", f"/admin/team/{name}/add/") for name in ("user", "invitation"))

    @property
    def offboard(self):
        return f"/members/{self.ana.pk}/offboard/"


def error_page(path):
    return render_to_string(f"{path.strip('/').rpartition('/')[2]}.html", {"message": "Your role does not allow this."})
