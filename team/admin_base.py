"""Base classes of the admin pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class UnprefilledAdmin(admin.ModelAdmin[Any]):
    """Ignores initial values from the query string: a value that no field can hold would end in a 500."""

    def get_changeform_initial_data(self, _request: HttpRequest) -> dict[str, str | list[str]]:
        return {}


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Shows rows that only the desk itself writes: nobody can add, change or delete them."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
