"""Members in Django admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from team.models import User


@admin.register(User)
class MemberAdmin(UserAdmin[User]):
    list_display = ("username", "email", "first_name", "last_name", "is_active", "is_superuser", "last_login")
    list_filter = ("is_active", "is_superuser", "is_staff", "groups")
