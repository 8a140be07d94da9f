"""The catalogue in Django admin."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog import tasks
from catalog.matching import matches
from catalog.models import Brand, Country, Decision, Listing, Place, Price, Service, Suggestion
from team.admin_base import UnprefilledAdmin


@admin.register(Country)
class CountryAdmin(UnprefilledAdmin):
    list_display = ("name", "server", "code", "iso", "prefix", "upstream", "retired_at")
    list_filter = ("upstream", "server", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code", "iso")


@admin.register(Service)
class ServiceAdmin(UnprefilledAdmin):
    list_display = ("name", "server", "code", "upstream", "retired_at")
    list_filter = ("upstream", "server", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code", "brands__name")
    filter_horizontal = ("brands",)


@admin.register(Price)
class PriceAdmin(UnprefilledAdmin):
    list_display = ("service", "country", "price", "stock", "retired_at")
    list_filter = ("service__server", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("service__name", "country")
    list_select_related = ("service",)


@admin.register(Listing)
class ListingAdmin(UnprefilledAdmin):
    list_display = ("__str__", "upstream", "rows", "added", "retired", "refreshed_at", "took", "tried_at", "problem")
    list_filter = ("upstream", "server", "kind", ("problem", admin.EmptyFieldListFilter))
    search_fields = ("country", "problem")
    actions = ("refresh_now",)

    @admin.action(description="Refresh now")
    def refresh_now(self, _request: HttpRequest, queryset: QuerySet[Listing]) -> None:
        queryset.update(wanted_at=timezone.now(), tried_at=None)
        for listing in queryset:
            tasks.enqueue(listing.pk)


@admin.register(Place)
class PlaceAdmin(UnprefilledAdmin):
    list_display = ("name", "iso", "key")
    search_fields = ("name", "iso")


@admin.register(Brand)
class BrandAdmin(UnprefilledAdmin):
    list_display = ("name", "key")
    search_fields = ("name", "key")


@admin.register(Suggestion)
class SuggestionAdmin(UnprefilledAdmin):
    list_display = ("service", "brand", "score")
    search_fields = ("service__name", "brand__name")
    list_select_related = ("service", "brand")


@admin.register(Decision)
class DecisionAdmin(UnprefilledAdmin):
    """Saving or deleting a decision matches its entry again."""

    list_display = ("server", "code", "verdict", "brand_key", "decided_by", "decided_at")
    list_filter = ("server", "verdict")
    search_fields = ("code", "brand_key")

    def save_model(self, request: HttpRequest, obj: Decision, form: Any, change: Any) -> None:
        obj.decided_at = timezone.now()
        super().save_model(request, obj, form, change)
        matches.rematch(obj.server, obj.code)

    def delete_model(self, _request: HttpRequest, obj: Decision) -> None:
        matches.undo(obj)

    def delete_queryset(self, _request: HttpRequest, queryset: QuerySet[Decision]) -> None:
        for decision in queryset:
            matches.undo(decision)
