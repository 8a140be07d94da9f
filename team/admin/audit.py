"""The audit trail in Django admin. It is read-only: nobody can change or delete an entry."""

from typing import Any

from auditlog.admin import LogEntryAdmin
from auditlog.filters import ResourceTypeFilter
from auditlog.models import LogEntry
from django.contrib import admin
from django.http import HttpRequest

admin.site.unregister(LogEntry)


@admin.register(LogEntry)
class AuditAdmin(LogEntryAdmin):  # type: ignore[misc]  # ships no types
    list_display = ("created", "who", "what", "about", "details", "remote_addr")
    list_filter = ("timestamp", "action", ResourceTypeFilter, ("actor", admin.RelatedOnlyFieldListFilter))
    search_fields = ("object_repr", "actor__username", "remote_addr", "additional_data")
    fields = readonly_fields = ("created", "who", "what", "about", "msg", "remote_addr")
    fieldsets = None

    @admin.display(description="Who", ordering="actor")
    def who(self, entry: LogEntry) -> str:
        return str(entry.actor) if entry.actor else "the desk, or nobody signed in"

    @admin.display(description="What")
    def what(self, entry: LogEntry) -> str:
        recorded = (entry.additional_data or {}).get("what")
        return str(recorded or f"{entry.get_action_display()}d".replace("eed", "ed"))

    @admin.display(description="About")
    def about(self, entry: LogEntry) -> str:
        return f"{entry.content_type.name} «{entry.object_repr}»"

    @admin.display(description="Changes")
    def details(self, entry: LogEntry) -> str:
        return str(self.msg_short(entry))

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
