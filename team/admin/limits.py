"""Limits in Django admin."""

from django.contrib import admin

from team.models import Limit
from team.proof import ProofAdmin


@admin.register(Limit)
class LimitAdmin(ProofAdmin):
    list_display = ("whose", *Limit.KINDS)
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
                "fields": Limit.KINDS,
                "description": "An empty field limits nothing. What stands here for a member goes before what stands"
                " for their role, field by field; 0 allows none. Limits hold for administrators too.",
            },
        ),
    )
