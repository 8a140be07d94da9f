"""Limits in Django admin: for one member, or for each member with a role."""

from django.contrib import admin

from team.models import Limit
from team.reauthentication import ReauthenticatedAdmin


@admin.register(Limit)
class LimitAdmin(ReauthenticatedAdmin):
    list_display = ("whose", *Limit.VALUE_FIELDS)
    list_display_links = ("whose",)
    list_select_related = ("member",)
    search_fields = ("member__username", "role")
    fieldsets = (
        (
            "For whom",
            {
                "fields": ("member", "role"),
                "description": "Either one member, or a role: then each member with that role may buy so much.",
            },
        ),
        (
            "How much",
            {
                "fields": Limit.VALUE_FIELDS,
                "description": "An empty field limits nothing. What stands here for a member goes before what stands"
                " for their role, field by field; 0 allows none. Limits hold for administrators too.",
            },
        ),
    )
