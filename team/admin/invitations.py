"""Invitations in Django admin. The link is shown once, in the response to the form that created it."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse

from team.models import Invitation
from team.reauthentication import ReauthenticatedAdmin


@admin.register(Invitation)
class InvitationAdmin(ReauthenticatedAdmin):
    list_display = ("whom", "role", "state", "invited_by", "invited_at", "expires_at", "used_by")
    list_filter = ("role", "invited_at")
    list_select_related = ("invited_by", "used_by")
    search_fields = ("name", "email", "invited_by__username", "used_by__username")
    fields = ("role", "name", "email")
    actions = ("revoke",)

    @admin.display(description="for")
    def whom(self, invitation: Invitation) -> str:
        return invitation.name or invitation.email or "somebody"

    def get_fields(self, _request: HttpRequest, obj: Invitation | None = None) -> Any:
        state = ("state", "invited_by", "invited_at", "expires_at", "used_by", "used_at", "revoked_at")
        return (*self.fields, *state) if obj else self.fields

    def has_change_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: Any) -> None:
        obj.invited_by = request.user
        obj.token = obj.renew_token()
        super().save_model(request, obj, form, change)

    def response_add(self, request: HttpRequest, obj: Any, _continue: str | None = None) -> HttpResponse:
        link = f"{settings.SITE_URL}{reverse('team:join', args=[obj.token])}"
        context = self.admin_site.each_context(request) | {"link": link, "invitation": obj, "opts": self.opts}
        return TemplateResponse(request, "admin/team/invitation/made.html", context | {"title": "Invitation"})

    @admin.action(description="Revoke", permissions=["add"])
    def revoke(self, request: HttpRequest, queryset: QuerySet[Invitation]) -> None:
        count = Invitation.objects.filter(pk__in=queryset).revoke()
        messages.success(request, f"{count} revoked: the link opens no more.")
