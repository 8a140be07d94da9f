"""Members in Django admin, each with one role."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import BaseUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest

from team.models import LastAdministrator, User
from team.reauthentication import ReauthenticatedAdmin, reauthentication_required
from team.roles import Role

LAST_ADMINISTRATOR_MESSAGE = "This is the last active administrator. Make somebody else an administrator first."
ROLE_REQUIRED_MESSAGE = "A member keeps a role. To let somebody in no longer, deactivate them."
ROLE_HELP_TEXT = "Somebody with another role has to sign in again. What each role may do stands under Groups."


class MemberForm(UserChangeForm[User]):
    role = forms.TypedChoiceField(
        choices=[("", "No role yet"), *Role.choices],
        coerce=Role,
        required=False,
        empty_value=None,
        help_text=ROLE_HELP_TEXT,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = self.instance.role

    def clean_role(self) -> Role | None:
        role: Role | None = self.cleaned_data["role"]
        if self.instance.role and not role:
            raise ValidationError(ROLE_REQUIRED_MESSAGE)
        if role != Role.ADMINISTRATOR and self.instance.is_last_administrator():
            raise ValidationError(LAST_ADMINISTRATOR_MESSAGE)
        return role


class NewMemberForm(BaseUserCreationForm[User]):
    role = forms.TypedChoiceField(choices=Role.choices, coerce=Role, initial=Role.BUYER)


@admin.register(User)
class MemberAdmin(ReauthenticatedAdmin, UserAdmin[User]):
    form = MemberForm
    add_form = NewMemberForm
    list_display = ("username", "role", "is_active", "first_name", "last_name", "email", "last_login")
    list_filter = ("is_active", "groups")
    fieldsets = (
        (None, {"fields": ("username", "password", "role")}),
        ("Who it is", {"fields": ("first_name", "last_name", "email")}),
        ("Since when", {"fields": ("may_sign_in", "last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("username", "first_name", "email", "role", "password1", "password2")}),)
    readonly_fields = ("may_sign_in", "last_login", "date_joined")
    filter_horizontal = ()
    actions = ("sign_out", "let_in_again")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        return super().get_queryset(request).prefetch_related(Prefetch("groups", Group.objects.order_by("pk")))

    def user_change_password(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        return reauthentication_required(super().user_change_password)(request, *args, **kwargs)

    @admin.display(description="may sign in", boolean=True)
    def may_sign_in(self, member: User) -> bool:
        return member.is_active

    def has_delete_permission(self, _request: HttpRequest, _obj: User | None = None) -> bool:
        """Members are deactivated instead, so that what they did stays recorded under their name."""
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: Any) -> None:
        super().save_model(request, obj, form, change)
        if not (role := form.cleaned_data.get("role")):
            return
        try:
            obj.change_role(role)
        except LastAdministrator:  # another administrator lost the role since the form was validated
            messages.error(request, LAST_ADMINISTRATOR_MESSAGE)

    @admin.action(description="Sign out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for member in queryset:
            member.end_sessions()
        messages.success(request, "They have to sign in again.")

    @admin.action(description="Let in again", permissions=["change"])
    def let_in_again(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for member in queryset.filter(is_active=False):
            member.activate()
        messages.success(request, "They may sign in again, with the role that they had.")
