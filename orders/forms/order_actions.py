"""Forms for an order: its note, another owner, how an unclear purchase is settled; and for offboarding a member."""

import re
from typing import Any

from django import forms

from legitsms import Number
from orders.lifecycle import settling
from orders.models import Order
from team.models import User
from team.roles import BUY


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200, required=False, label="Note")


class ReassignForm(forms.Form):
    """`owner` becomes the order's owner, and gets its notifications."""

    owner = forms.ModelChoiceField(User.with_permission(BUY).order_by("username"), label="Hand over to")


class OffboardForm(forms.Form):
    """Who takes over the open orders of a member who is deactivated; may be nobody."""

    successor = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        empty_label="Nobody: they stay as they are",
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, member: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["successor"].queryset = User.with_permission(BUY).exclude(pk=member.pk).order_by("username")  # type: ignore[attr-defined]


class SettleForm(forms.Form):
    """What a person found on LegitSMS's own site about an unclear purchase."""

    CHOICES = (("bought", "It was bought"), ("not-bought", "It was not bought"), ("write-off", "Write it off"))

    answer = forms.ChoiceField(choices=CHOICES, error_messages={"required": "Choose what you found."})
    activation_id = forms.CharField(max_length=64, required=False, label="Order ID")
    phone = forms.CharField(max_length=30, required=False, label="Phone number")

    def __init__(self, order: Order, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order = order

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if given.get("answer") == "bought":
            given["phone"] = re.sub(r"[\s().+-]", "", given.get("phone", ""))
            if not re.fullmatch(r"[0-9A-Za-z_-]{1,64}", given.get("activation_id", "")):
                self.add_error("activation_id", "Enter the order ID as LegitSMS shows it: digits and letters only.")
            elif self.is_taken():
                self.add_error("activation_id", "Another order of this desk already has this ID.")
            if not re.fullmatch(r"[0-9]{5,20}", given["phone"]):
                self.add_error("phone", "Enter the number with its country code, 5 to 20 digits.")
        return given

    def is_taken(self) -> bool:
        known = Order.objects.filter(upstream=self.order.upstream, activation_id=self.cleaned_data["activation_id"])
        return known.exclude(pk=self.order.pk).exists()

    def save(self, order: Order, actor: User) -> None:
        """Raises `StaleOrder` where the order is no longer unclear."""
        given = self.cleaned_data
        match given["answer"]:
            case "bought":
                settling.report_bought(order, actor, Number(given["activation_id"], given["phone"]))
            case "not-bought":
                settling.settle_not_bought(order, actor)
            case _:
                settling.write_off(order, actor)
