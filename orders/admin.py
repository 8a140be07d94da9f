"""Orders and their history in Django admin: to look at, since the desk and LegitSMS are who writes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.models import Code, Export, Heartbeat, Order, OrderEvent, Purchase, Weather
from team.roles import SEE_CODES


class ToLookAt(admin.ModelAdmin[Any]):
    """What happened is not edited; nothing is added or removed by hand."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


class ForWhoSeesCodes:
    """Asked besides Django's own permissions, which know nothing of this right."""

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(SEE_CODES)


class CodeInline(ForWhoSeesCodes, admin.TabularInline[Code, Order]):
    model = Code
    extra = 0
    can_delete = False


class EventInline(admin.TabularInline[OrderEvent, Order]):
    model = OrderEvent
    extra = 0
    can_delete = False
    fields = ("at", "actor", "what", "source", "target", "words")


@admin.register(Order)
class OrderAdmin(ToLookAt):
    list_display = (
        "pk",
        "requested_at",
        "owner",
        "service_name",
        "country_name",
        "server",
        "phone",
        "status",
        "outcome",
        "price",
    )
    list_filter = ("status", "upstream", "server", "needs_attention", "refund", "requested_at", "owner")
    search_fields = ("phone", "activation_id", "service_name", "country_name", "note", "owner__username")
    date_hierarchy = "requested_at"
    list_select_related = ("owner",)
    inlines = (CodeInline, EventInline)


@admin.register(OrderEvent)
class OrderEventAdmin(ToLookAt):
    list_display = ("at", "order", "what", "source", "target", "actor", "words")
    list_filter = ("what", "target", "at")
    search_fields = ("order__activation_id", "order__phone", "words", "actor__username")
    list_select_related = ("order", "actor")


@admin.register(Code)
class CodeAdmin(ForWhoSeesCodes, ToLookAt):
    list_display = ("received_at", "order", "text")
    search_fields = ("order__phone", "order__activation_id", "text")
    list_filter = ("received_at",)
    list_select_related = ("order",)


@admin.register(Purchase)
class PurchaseAdmin(ToLookAt):
    list_display = ("made_at", "buyer", "quantity", "uuid")
    list_filter = ("made_at", "buyer")
    search_fields = ("uuid", "buyer__username")


@admin.register(Export)
class ExportAdmin(ToLookAt):
    list_display = ("at", "member", "asked")
    list_filter = ("at", "member")
    search_fields = ("member__username", "asked")
    list_select_related = ("member",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ToLookAt):
    list_display = ("name", "at")
    list_filter = ("name",)
    search_fields = ("name",)


@admin.register(Weather)
class WeatherAdmin(ToLookAt):
    list_display = ("upstream", "bad_key_since", "no_balance_since", "silent_since", "untrusted_since", "probed_at")
    list_filter = ("upstream",)
    search_fields = ("upstream",)
