"""The history: its filters, and one page of orders at a time."""

from dataclasses import dataclass
from urllib.parse import urlencode

import django_filters
from django import forms
from django.http import QueryDict

from catalog.models import Brand, Place, Server
from orders.models import Order
from orders.models.querysets import OrderQuerySet
from orders.models.search import found_by
from orders.reports.periods import Period
from team.models import User

PAGE = 50
UNKNOWN = "\N{REPLACEMENT CHARACTER}"  # in place of NUL, which PostgreSQL refuses
LARGEST_ID = 2**63 - 1  # of a BigAutoField
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
    """The filters of the query string. An invalid query matches nothing: never more than was requested."""

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
    before = IdFilter(min_value=1, max_value=LARGEST_ID, method="older")

    def __init__(self, asked: QueryDict) -> None:
        typed = {name: str(asked[name]).replace("\x00", UNKNOWN) for name in self.base_filters if name in asked}
        given = {name: text for name, text in typed.items() if text.strip()}
        super().__init__({"period": Period.WEEK.value} | given, queryset=Order.objects.all())

    @property
    def orders(self) -> OrderQuerySet[Order]:
        wanted: OrderQuerySet[Order] = self.qs if self.is_valid() else Order.objects.none()
        return wanted

    @property
    def members(self) -> list[tuple[str, str]]:
        """The members to choose from: key and name."""
        return [(str(member.pk), member.short_name) for member in self.form.fields["member"].queryset]

    @property
    def query(self) -> str:
        """The query string of this view."""
        return self.query_with()

    @property
    def query_of_all(self) -> str:
        """The query string without the position of the page."""
        return self.query_with(before="")

    @property
    def query_of_any_time(self) -> str:
        return self.query_with(period=Period.ALL.value, before="")

    def query_with(self, **other: str) -> str:
        """The query string with `other`, without default values."""
        asked = {name: text for name, text in (self.data | other).items() if text}
        if asked["period"] == Period.WEEK:
            del asked["period"]
        return f"?{urlencode(asked)}" if asked else ""

    def during(self, orders: OrderQuerySet[Order], _name: str, value: str) -> OrderQuerySet[Order]:
        return Period(value).of(orders)

    def ended(self, orders: OrderQuerySet[Order], _name: str, value: str) -> OrderQuerySet[Order]:
        return orders.filter(status__in=RESULTS[value][1])

    def found(self, orders: OrderQuerySet[Order], _name: str, value: str) -> OrderQuerySet[Order]:
        return orders.filter(found_by(value))

    def older(self, orders: OrderQuerySet[Order], _name: str, value: int) -> OrderQuerySet[Order]:
        return orders.older_than(value)


@dataclass(frozen=True, slots=True)
class Page:
    """One page, newest first, and the order before which the next page begins. New orders do not shift it."""

    orders: list[Order]
    next_before: int | None

    @classmethod
    def of(cls, wanted: OrderQuerySet[Order]) -> "Page":
        """The ids come from an index-only scan; the rows are read only for what is shown."""
        ids = list(wanted.order_by("-requested_at", "-pk").values_list("pk", flat=True)[: PAGE + 1])
        shown = Order.objects.filter(pk__in=ids[:PAGE]).select_related("owner", "purchase__buyer")
        orders = list(shown.prefetch_related("codes"))
        return cls(orders, orders[-1].pk if len(ids) > PAGE else None)


def choices(wanted: HistoryFilter) -> dict[str, list[tuple[str, str]]]:
    """The services and countries that have orders in this period, and the chosen ones."""
    period = wanted.data["period"] if wanted.is_valid() else Period.WEEK
    bought = Period(period).of(Order.objects.order_by())
    pairs = set(bought.values_list("brand_key", "place_key").distinct())
    return {
        "services": labelled(Brand, {brand for brand, _ in pairs} | {wanted.data.get("service", "")}),
        "countries": labelled(Place, {place for _, place in pairs} | {wanted.data.get("country", "")}),
    }


def labelled(kind: type[Brand] | type[Place], keys: set[str]) -> list[tuple[str, str]]:
    """Keys with their current names, sorted by name."""
    known = dict(kind.objects.filter(key__in=keys).values_list("key", "name"))
    return sorted(((key, known.get(key, key)) for key in keys if key), key=lambda pair: pair[1].casefold())
