"""The team's orders of the past: which of them are wanted, and a page of those at a time."""

from dataclasses import dataclass
from urllib.parse import urlencode

import django_filters
from django import forms
from django.http import QueryDict

from catalog.models import Brand, Place, Server
from orders.models import Order
from orders.models.finding import found_by
from orders.models.queries import OrderQuerySet
from orders.periods import Period
from team.models import User

PAGE = 50
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # for a NUL, which PostgreSQL takes in no question
MOST = 2**63 - 1  # the largest id that databases know
RESULTS = {
    "code": ("Code received", ["received", "finished"]),
    "open": ("Waiting", ["requested", "buying", "waiting"]),
    "cancelled": ("Cancelled, refunded", ["cancelled"]),
    "closed": ("Closed by LegitSMS", ["closed"]),
    "refused": ("Not bought", ["refused"]),
    "unclear": ("Unclear", ["unclear"]),
}


class IdFilter(django_filters.Filter):  # type: ignore[misc]  # django-filter ships no types
    field_class = forms.IntegerField


class HistoryFilter(django_filters.FilterSet):  # type: ignore[misc]
    """What the address asks for. Where it makes no sense, nothing matches: never more than was asked for."""

    period = django_filters.ChoiceFilter(choices=Period.choices, empty_label=None, method="during", label="Period")
    member = django_filters.ModelChoiceFilter(
        field_name="owner", queryset=User.objects.order_by("first_name", "username"), empty_label="Everyone"
    )
    service = django_filters.CharFilter(field_name="brand_key", max_length=130)
    country = django_filters.CharFilter(field_name="place_key", max_length=130)
    server = django_filters.ChoiceFilter(
        choices=[(server.value, f"Server {server}") for server in Server], empty_label="Any server"
    )
    result = django_filters.ChoiceFilter(
        choices=[(key, label) for key, (label, _) in RESULTS.items()], empty_label="Any result", method="ended"
    )
    find = django_filters.CharFilter(max_length=80, method="found")
    before = IdFilter(min_value=1, max_value=MOST, method="older")

    def __init__(self, asked: QueryDict) -> None:
        typed = {name: str(asked[name]).replace("\x00", UNKNOWN) for name in self.base_filters if name in asked}
        given = {name: text for name, text in typed.items() if text.strip()}
        super().__init__({"period": Period.WEEK.value} | given, queryset=Order.objects.all())

    @property
    def orders(self) -> OrderQuerySet:
        wanted: OrderQuerySet = self.qs if self.is_valid() else Order.objects.none()
        return wanted

    @property
    def query(self) -> str:
        """The query of this view's address."""
        return self.query_with()

    @property
    def query_of_all(self) -> str:
        """The same for every page of it."""
        return self.query_with(before="")

    @property
    def query_of_any_time(self) -> str:
        return self.query_with(period=Period.ALL.value, before="")

    def query_with(self, **other: str) -> str:
        """The query with `other` in it, without what goes without saying."""
        asked = {name: text for name, text in (self.data | other).items() if text}
        if asked["period"] == Period.WEEK:
            del asked["period"]
        return f"?{urlencode(asked)}" if asked else ""

    @property
    def is_narrow(self) -> bool:
        """Whether anything but the period was asked for."""
        return bool(self.data.keys() - {"period", "before"})

    def during(self, orders: OrderQuerySet, _name: str, value: str) -> OrderQuerySet:
        return Period(value).of(orders)

    def ended(self, orders: OrderQuerySet, _name: str, value: str) -> OrderQuerySet:
        return orders.filter(status__in=RESULTS[value][1])

    def found(self, orders: OrderQuerySet, _name: str, value: str) -> OrderQuerySet:
        return orders.filter(found_by(value))

    def older(self, orders: OrderQuerySet, _name: str, value: int) -> OrderQuerySet:
        return orders.older_than(value)


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, newest first, and the one after which the next page begins. New orders do not shift it."""

    orders: list[Order]
    next_before: int | None

    @classmethod
    def of(cls, wanted: OrderQuerySet) -> "Page":
        """The ids are found in an index alone; the rows themselves are read only for what is shown."""
        ids = list(wanted.order_by("-requested_at", "-pk").values_list("pk", flat=True)[: PAGE + 1])
        shown = Order.objects.filter(pk__in=ids[:PAGE]).select_related("owner", "purchase__buyer")
        orders = list(shown.prefetch_related("codes"))
        return cls(orders, orders[-1].pk if len(ids) > PAGE else None)


def choices(wanted: HistoryFilter) -> dict[str, list[tuple[str, str]]]:
    """The services and countries that there are orders of in this period, and those that are chosen."""
    period = wanted.data["period"] if wanted.is_valid() else Period.WEEK
    bought = Period(period).of(Order.objects.order_by())
    pairs = set(bought.values_list("brand_key", "place_key").distinct())
    return {
        "services": named(Brand, {brand for brand, _ in pairs} | {wanted.data.get("service", "")}),
        "countries": named(Place, {place for _, place in pairs} | {wanted.data.get("country", "")}),
    }


def named(kind: type[Brand] | type[Place], keys: set[str]) -> list[tuple[str, str]]:
    """Keys with the names that lists give them now, by name."""
    known = dict(kind.objects.filter(key__in=keys).values_list("key", "name"))
    return sorted(((key, known.get(key, key)) for key in keys if key), key=lambda pair: pair[1].casefold())
