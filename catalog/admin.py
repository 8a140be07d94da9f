"""The lists in Django admin: to look at, since the servers are who writes them."""

from django.contrib import admin

from catalog.models import Country, Listing, Service


@admin.register(Country)
class CountryAdmin(admin.ModelAdmin[Country]):
    list_display = ("name", "server", "code", "iso", "prefix", "upstream", "retired_at")
    list_filter = ("upstream", "server", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code", "iso")


@admin.register(Service)
class ServiceAdmin(admin.ModelAdmin[Service]):
    list_display = ("name", "server", "country", "code", "price", "stock", "upstream", "retired_at")
    list_filter = ("upstream", "server", ("retired_at", admin.EmptyFieldListFilter))
    search_fields = ("name", "code")


@admin.register(Listing)
class ListingAdmin(admin.ModelAdmin[Listing]):
    list_display = ("__str__", "upstream", "rows", "refreshed_at", "tried_at", "problem")
    list_filter = ("upstream", "server", "kind", ("problem", admin.EmptyFieldListFilter))
    search_fields = ("country", "problem")
