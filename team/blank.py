"""Forms of the administration that begin blank."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest


class BlankAdmin(admin.ModelAdmin[Any]):
    def get_changeform_initial_data(self, _request: HttpRequest) -> dict[str, str | list[str]]:
        return {}  # what an address says of a field may be nothing that it can hold
