"""Members in Django admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from team import trail_admin as trail_admin
from team.models import Limit, User


@admin.register(User)
class MemberAdmin(UserAdmin[User]):
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "is_staff", "groups")


@admin.register(Limit)
class LimitAdmin(admin.ModelAdmin[Limit]):
    list_display = ("whose", *Limit.KINDS)
    list_display_links = ("whose",)
    list_select_related = ("member",)
    search_fields = ("member__username", "role")
    autocomplete_fields = ("member",)
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
