"""The policy and the permissions of each role in Django admin. Open streams re-check permissions after each change."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from team import pubsub
from team.models import Policy
from team.reauthentication import ReauthenticatedAdmin
from team.roles import GRANTS, Role

CODENAMES = [permission.partition(".")[2] for permission in GRANTS[Role.ADMINISTRATOR]]


class FixedRowsAdmin(ReauthenticatedAdmin):
    """Rows that a migration created: they can be changed, but not added or deleted."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        pubsub.publish_permission_change()


@admin.register(Policy)
class PolicyAdmin(FixedRowsAdmin):
    fieldsets = (
        ("Orders", {"fields": ("buyers_act_on", "buyers_settle")}),
        ("Codes and numbers", {"fields": ("codes_masked_after", "keep_days")}),
        ("Sign-in", {"fields": ("administrators_need_2fa",)}),
        ("LegitSMS", {"fields": ("requests_per_minute",)}),
        ("Prices that a server does not publish", {"fields": ("estimate_1", "estimate_2", "estimate_3")}),
    )

    def changelist_view(self, _request: HttpRequest, _extra_context: Any = None) -> HttpResponse:
        """Redirect to the only row."""
        return redirect("admin:team_policy_change", Policy.current().pk)


class PermissionsField(forms.ModelMultipleChoiceField[Permission]):
    def label_from_instance(self, permission: Permission) -> str:
        return permission.name


class RoleForm(forms.ModelForm[Group]):
    permissions = PermissionsField(
        Permission.objects.filter(content_type__app_label="team", codename__in=CODENAMES),
        required=False,
        label="This role",
        widget=forms.CheckboxSelectMultiple,
        help_text="Administrators can do everything, whatever stands here.",
    )


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(FixedRowsAdmin):
    """The three groups that are roles, with the permissions of `team` only."""

    form = RoleForm
    fields = ("name", "permissions")
    readonly_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).filter(name__in=Role.values)
