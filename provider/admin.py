"""The API key in Django admin (entered, tested, never shown again), and the provider's health (read-only)."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from legitsms import Client
from provider import tasks, upstream
from provider.choices import Upstream
from provider.models import ApiKey, ProviderHealth
from team.admin_base import ReadOnlyAdmin
from team.reauthentication import ReauthenticatedAdmin

MASK = "••••"


class ApiKeyForm(forms.ModelForm[ApiKey]):
    new_key = forms.CharField(
        max_length=200,
        label="New key",
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "spellcheck": "false", "size": 50}),
        help_text="From your LegitSMS account. It is kept encrypted, and nobody sees it again.",
    )

    class Meta:
        model = ApiKey
        fields: tuple[str, ...] = ()

    def clean_new_key(self) -> str:
        key: str = self.cleaned_data["new_key"].strip()
        try:
            Client(settings.LEGITSMS_URL, key)
        except ValueError as error:
            raise forms.ValidationError(f"This cannot be a key: {error}.") from None
        return key


@admin.register(ApiKey)
class ApiKeyAdmin(ReauthenticatedAdmin):
    """One page instead of a list. Where LEGITSMS_API_KEY is set, it is used instead and the page is read-only."""

    form = ApiKeyForm
    change_form_template = "admin/provider/apikey/change_form.html"
    readonly_fields = ("key_in_force", "changed", "last_test")

    def get_fields(self, _request: HttpRequest, _obj: ApiKey | None = None) -> list[Any]:
        read_only = ["key_in_force", "changed", "last_test"]
        return read_only if settings.LEGITSMS_API_KEY else [*read_only, "new_key"]

    @admin.display(description="Key in force")
    def key_in_force(self, row: ApiKey) -> str:
        if settings.LEGITSMS_API_KEY:
            return f"{MASK}{settings.LEGITSMS_API_KEY[-4:]}, from LEGITSMS_API_KEY, which wins over a key entered here"
        if not row.encrypted_key:
            return "none: the desk practises on its sandbox"
        if not upstream.is_readable():
            return f"{MASK}{row.ending}, and FIELD_ENCRYPTION_KEYS lacks the key that it was encrypted with"
        return f"{MASK}{row.ending}"

    @admin.display(description="Changed")
    def changed(self, row: ApiKey) -> str:
        who = row.changed_by or "a former member"
        return f"{row.changed_at:%d %b %Y %H:%M} UTC by {who}" if row.changed_at else "not yet"

    @admin.display(description="Last test")
    def last_test(self, row: ApiKey) -> str:
        if row.answered_at:
            return f"{row.answered_at:%d %b %H:%M:%S} UTC: {row.answer}"
        if row.is_test_pending:
            return "Asking LegitSMS…"
        return "No worker carried it out. Is the desk's «catalog» worker running?" if row.asked_at else "not yet"

    def get_urls(self) -> list[Any]:
        test = path("test/", self.admin_site.admin_view(self.test), name="provider_apikey_test")
        return [test, *super().get_urls()]

    def changelist_view(self, _request: HttpRequest, _extra_context: Any = None) -> HttpResponse:
        return redirect("admin:provider_apikey_change", ApiKey.current().pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = ApiKey.current()
        is_connected = upstream.current() == Upstream.LIVE and upstream.is_readable()
        context = {
            "is_test_pending": row.is_test_pending,
            "can_test": is_connected,
            "show_save": not settings.LEGITSMS_API_KEY,
            "show_save_and_continue": False,
            "show_delete_link": False,
        }
        return super().change_view(request, object_id, form_url, context | (extra_context or {}))

    def test(self, request: HttpRequest) -> HttpResponse:
        """Have a worker test the key. The page shows the result once the worker has recorded it."""
        if request.method == "POST" and self.has_change_permission(request):
            ApiKey.current().request_test()
            tasks.enqueue_test()
        return redirect("admin:provider_apikey_change", ApiKey.current().pk)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, _change: bool) -> None:
        if not settings.LEGITSMS_API_KEY:
            obj.replace(form.cleaned_data["new_key"], request.user)
            upstream.clear_cache()

    def response_change(self, request: HttpRequest, _obj: ApiKey) -> HttpResponse:
        if not settings.LEGITSMS_API_KEY:
            messages.success(request, "The key is kept, and in force now. Test it.")
        return redirect(reverse("admin:provider_apikey_change", args=[ApiKey.current().pk]))

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False


@admin.register(ProviderHealth)
class ProviderHealthAdmin(ReadOnlyAdmin):
    list_display = ("upstream", "bad_key_since", "no_balance_since", "silent_since", "untrusted_since", "probed_at")
    list_filter = ("upstream",)
    search_fields = ("upstream",)
