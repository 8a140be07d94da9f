"""What the team has agreed on, and what each role may do, in Django admin. Open streams hear of it at once."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from team import news
from team.models import Policy
from team.proof import ProofAdmin
from team.roles import GRANTS, Role

RIGHTS = [right.partition(".")[2] for right in GRANTS[Role.ADMINISTRATOR]]


class Kept(ProofAdmin):
    """Rows that a migration made: changed, never added or deleted."""

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: Any) -> None:
        super().save_related(request, form, formsets, change)
        news.tell_rights()


@admin.register(Policy)
class PolicyAdmin(Kept):
    fieldsets = (
        ("Orders", {"fields": ("buyers_act_on", "buyers_settle")}),
        ("Codes and numbers", {"fields": ("codes_masked_after", "keep_days")}),
        ("Sign-in", {"fields": ("administrators_need_2fa",)}),
        ("Prices that a server does not publish", {"fields": ("estimate_1", "estimate_2", "estimate_3")}),
    )

    def changelist_view(self, _request: HttpRequest, _extra_context: Any = None) -> HttpResponse:
        """There is one."""
        return redirect("admin:team_policy_change", Policy.current().pk)


class RightsField(forms.ModelMultipleChoiceField[Permission]):
    def label_from_instance(self, right: Permission) -> str:
        return right.name


class RoleForm(forms.ModelForm[Group]):
    permissions = RightsField(
        Permission.objects.filter(content_type__app_label="team", codename__in=RIGHTS),
        required=False,
        label="This role",
        widget=forms.CheckboxSelectMultiple,
        help_text="Administrators can do everything, whatever stands here.",
    )


admin.site.unregister(Group)


@admin.register(Group)
class RoleAdmin(Kept):
    """Django's groups, of which the desk knows three; and of their permissions, its own."""

    form = RoleForm
    fields = ("name", "permissions")
    readonly_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).filter(name__in=Role.values)
