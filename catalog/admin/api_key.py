"""The API key in Django admin: entered, tested, and never shown again."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import path, reverse

from catalog import tasks, upstream
from catalog.models import ApiKey
from legitsms import Client
from team.proof import ProofAdmin

HIDDEN = "••••"


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
        except ValueError as wrong:
            raise forms.ValidationError(f"This cannot be a key: {wrong}.") from None
        return key


@admin.register(ApiKey)
class ApiKeyAdmin(ProofAdmin):
    """One page instead of a list. LEGITSMS_API_KEY wins, and makes the page one to look at."""

    form = ApiKeyForm
    change_form_template = "admin/catalog/apikey/change_form.html"
    readonly_fields = ("key_in_force", "changed", "last_test")

    def get_fields(self, _request: HttpRequest, _obj: ApiKey | None = None) -> list[Any]:
        shown = ["key_in_force", "changed", "last_test"]
        return shown if settings.LEGITSMS_API_KEY else [*shown, "new_key"]

    @admin.display(description="Key in force")
    def key_in_force(self, row: ApiKey) -> str:
        if settings.LEGITSMS_API_KEY:
            return (
                f"{HIDDEN}{settings.LEGITSMS_API_KEY[-4:]}, from LEGITSMS_API_KEY, which wins over a key entered here"
            )
        if not row.sealed:
            return "none: the desk practises on its sandbox"
        if not upstream.is_readable():
            return f"{HIDDEN}{row.ending}, and FIELD_ENCRYPTION_KEYS lacks the key that it was encrypted with"
        return f"{HIDDEN}{row.ending}"

    @admin.display(description="Changed")
    def changed(self, row: ApiKey) -> str:
        who = row.changed_by or "a former member"
        return f"{row.changed_at:%d %b %Y %H:%M} UTC by {who}" if row.changed_at else "not yet"

    @admin.display(description="Last test")
    def last_test(self, row: ApiKey) -> str:
        if row.answered_at:
            return f"{row.answered_at:%d %b %H:%M:%S} UTC: {row.answer}"
        if row.is_asked:
            return "Asking LegitSMS…"
        return "No worker carried it out. Is the desk's «slow» worker running?" if row.asked_at else "not yet"

    def get_urls(self) -> list[Any]:
        test = path("test/", self.admin_site.admin_view(self.test), name="catalog_apikey_test")
        return [test, *super().get_urls()]

    def changelist_view(self, _request: HttpRequest, _extra_context: Any = None) -> HttpResponse:
        return redirect("admin:catalog_apikey_change", ApiKey.current().pk)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = ApiKey.current()
        is_connected = upstream.current() == upstream.Upstream.LIVE and upstream.is_readable()
        known = {"is_asked": row.is_asked, "can_test": is_connected, "show_save": not settings.LEGITSMS_API_KEY}
        only_save = {"show_save_and_continue": False, "show_delete_link": False}
        return super().change_view(request, object_id, form_url, known | only_save | (extra_context or {}))

    def test(self, request: HttpRequest) -> HttpResponse:
        """A worker asks, and the page shows the answer when it is there."""
        if request.method == "POST" and self.has_change_permission(request):
            ApiKey.current().ask()
            tasks.wake_test()
        return redirect("admin:catalog_apikey_change", ApiKey.current().pk)

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, _change: bool) -> None:
        if not settings.LEGITSMS_API_KEY:
            obj.replace(form.cleaned_data["new_key"], request.user)
            upstream.forget()

    def response_change(self, request: HttpRequest, _obj: ApiKey) -> HttpResponse:
        if not settings.LEGITSMS_API_KEY:
            messages.success(request, "The key is kept, and in force now. Test it.")
        return redirect(reverse("admin:catalog_apikey_change", args=[ApiKey.current().pk]))

    def has_add_permission(self, _request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, _request: HttpRequest, _obj: Any = None) -> bool:
        return False
