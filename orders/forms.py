"""What people may ask for, and the words they get when that cannot be."""

import re
from functools import partial
from typing import Any

from django import forms
from django.db import transaction

from catalog import offers, upstream
from catalog.models import Server
from catalog.offers import Offer
from legitsms import Number
from orders import tasks, words
from orders.models import Heartbeat, Order, Purchase, Weather
from orders.models.purchase import LARGEST_QUANTITY
from team.models import User

QUANTITY = f"Enter a quantity from 1 to {LARGEST_QUANTITY}. {words.NOTHING}"


class OfferForm(forms.Form):
    """What to buy: codes from a server's lists, or the names that were typed. Checked against the lists we have."""

    server = forms.TypedChoiceField(
        choices=Server.choices,
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose a server."),
    )
    country = forms.CharField(max_length=120, required=False)
    country_text = forms.CharField(max_length=120, required=False)
    service = forms.CharField(max_length=120, required=False)
    service_text = forms.CharField(max_length=120, required=False)
    quantity = forms.IntegerField(
        min_value=1,
        max_value=LARGEST_QUANTITY,
        initial=1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), QUANTITY),
    )
    note = forms.CharField(max_length=200, required=False, label="For (optional)")

    offer: Offer | None = None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        for field, told in (("country", "Choose a country."), ("service", "Choose a service.")):
            given[field] = given.get(field) or given.get(f"{field}_text", "")
            if not given[field] and field not in self.errors:
                self.add_error(field, told)
        if not {"server", "country", "service"} & self.errors.keys():
            try:
                self.offer = offers.find(given["server"], given["country"], given["service"])
            except offers.NotListed as gap:
                self.add_error(gap.field, f"{gap} {words.NOTHING}")
        return given


class PurchaseForm(OfferForm):
    """The confirmed purchase. Its UUID was made with the dialog."""

    purchase_id = forms.UUIDField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), f"This form is out of date. {words.NOTHING} Open it again."
        )
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if Heartbeat.dead():
            self.add_error(None, f"{words.REFUSALS['nobody polls']} {words.NOTHING} Tell an administrator.")
        if Weather.of(upstream.current()).bad_key_since:
            self.add_error(None, f"{words.REFUSALS['BAD_KEY']} {words.NOTHING}")
        return given

    @transaction.atomic
    def save(self, buyer: User) -> Purchase:
        """Record the purchase and ask for its numbers, once per UUID; ring for the first when that is committed."""
        given = self.cleaned_data
        wanted = {"buyer": buyer, "quantity": given["quantity"]}
        purchase, is_new = Purchase.objects.get_or_create(uuid=given["purchase_id"], defaults=wanted)
        if is_new and self.offer:
            first, *_ = [
                Order.request(purchase, ordinal, note=given["note"], **asked(self.offer))
                for ordinal in range(1, purchase.quantity + 1)
            ]
            transaction.on_commit(partial(tasks.wake, tasks.buy_number, first.pk))
        return purchase


def asked(offer: Offer) -> dict[str, Any]:
    """The offer as the order keeps it, since lists change."""
    return {
        "server": offer.server,
        "country": offer.country.code,
        "country_name": offer.country.name,
        "country_iso": offer.country.iso.lower(),
        "service": offer.service.code,
        "service_name": offer.service.name,
        "price": offer.price,
    }


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200, required=False, label="Note")


class HandOverForm(forms.Form):
    """`owner` becomes the order's owner, and so gets its sounds."""

    owner = forms.ModelChoiceField(User.objects.filter(is_active=True).order_by("username"), label="Hand over to")


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
            elif self.twin():
                self.add_error("activation_id", "Another order of this desk already has this ID.")
            if not re.fullmatch(r"[0-9]{5,20}", given["phone"]):
                self.add_error("phone", "Enter the number with its country code, 5 to 20 digits.")
        return given

    def twin(self) -> bool:
        known = Order.objects.filter(upstream=self.order.upstream, activation_id=self.cleaned_data["activation_id"])
        return known.exclude(pk=self.order.pk).exists()

    def save(self, order: Order, actor: User) -> None:
        """Raises `StaleOrder` where the order is no longer unclear."""
        given = self.cleaned_data
        match given["answer"]:
            case "bought":
                order.settle_bought(actor, Number(given["activation_id"], given["phone"]))
            case "not-bought":
                order.settle_not_bought(actor)
            case _:
                order.write_off(actor)
