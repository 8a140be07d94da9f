"""Orders and their history in Django admin, read-only: only the desk writes them."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from orders.models import Code, Export, Heartbeat, Order, OrderEvent, Purchase
from team.admin_base import ReadOnlyAdmin
from team.roles import SEE_CODES


class NeedsSeeCodes:
    """Requires the permission to see codes, besides Django's own permissions."""

    def has_view_permission(self, request: HttpRequest, _obj: Any = None) -> bool:
        return request.user.has_perm(SEE_CODES)


class CodeInline(NeedsSeeCodes, admin.TabularInline[Code, Order]):
    model = Code
    extra = 0
    can_delete = False


class EventInline(admin.TabularInline[OrderEvent, Order]):
    model = OrderEvent
    extra = 0
    can_delete = False
    fields = ("at", "actor", "what", "source", "target", "detail")


@admin.register(Order)
class OrderAdmin(ReadOnlyAdmin):
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
class OrderEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "order", "what", "source", "target", "actor", "detail")
    list_filter = ("what", "target", "at")
    search_fields = ("order__activation_id", "order__phone", "detail", "actor__username")
    list_select_related = ("order", "actor")


@admin.register(Code)
class CodeAdmin(NeedsSeeCodes, ReadOnlyAdmin):
    list_display = ("received_at", "order", "text")
    search_fields = ("order__phone", "order__activation_id", "text")
    list_filter = ("received_at",)
    list_select_related = ("order",)


@admin.register(Purchase)
class PurchaseAdmin(ReadOnlyAdmin):
    list_display = ("made_at", "buyer", "quantity", "uuid")
    list_filter = ("made_at", "buyer")
    search_fields = ("uuid", "buyer__username")


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    list_display = ("at", "member", "query")
    list_filter = ("at", "member")
    search_fields = ("member__username", "query")
    list_select_related = ("member",)


@admin.register(Heartbeat)
class HeartbeatAdmin(ReadOnlyAdmin):
    list_display = ("name", "at")
    list_filter = ("name",)
    search_fields = ("name",)
