"""What people may ask for, and the words they get when that cannot be."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog import offers, search, upstream
from catalog.models import Brand, Place, Server, Service
from catalog.offers import Offer
from legitsms import Number
from orders import tasks, words
from orders.allowance import Allowance, NotBought
from orders.models import Heartbeat, Order, Purchase, Weather
from orders.models.purchase import LARGEST_QUANTITY
from team.models import User
from team.roles import BUY

OFFER_CODES = 3  # server, country, service
QUANTITY = f"Enter a quantity from 1 to {LARGEST_QUANTITY}. {words.NOTHING}"


def quantity_field() -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1,
        max_value=LARGEST_QUANTITY,
        initial=1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), QUANTITY),
    )


class BuyForm(forms.Form):
    """What a person looks for: a brand and a place, chosen by key or typed by name."""

    service = forms.CharField(max_length=130, required=False)
    service_text = forms.CharField(max_length=120, required=False)
    country = forms.CharField(max_length=130, required=False)
    country_text = forms.CharField(max_length=120, required=False)
    quantity = quantity_field()
    note = forms.CharField(max_length=200, required=False, label="For (optional)")

    brand: Brand | None = None
    place: Place | None = None

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        self.brand = Brand.objects.filter(
            key=given.get("service") or meant(search.brands, given.get("service_text"))
        ).first()
        self.place = Place.objects.filter(
            key=given.get("country") or meant(search.places, given.get("country_text"))
        ).first()
        for field, found, told in (("service", self.brand, "a service"), ("country", self.place, "a country")):
            if not found:
                typed = given.get(f"{field}_text")
                several = f"«{typed}» is not listed, or may mean several. Choose {told}."
                self.add_error(field, several if typed else f"Choose {told}.")
        return given

    def explain(self, chosen: "OfferForm") -> None:
        """Take over why `chosen` is no offer, but for codes that only a choice among the offers would give."""
        is_complete = self.brand is not None and self.place is not None
        for field, problems in chosen.errors.as_data().items():
            for problem in problems:
                if field == "server" and is_complete:
                    self.add_error(None, problem)
                elif field != "server" and problem.code != "required":
                    self.add_error(field, problem)


def meant(look: Callable[[str], search.Results], text: str | None) -> str:
    """The key of the one thing that `text` names exactly, or alone; empty where it could be several."""
    if not text or not (found := look(text)).options:
        return ""
    fitting = found.exact or found.options
    return fitting[0].key if len(fitting) == 1 else ""


class OfferForm(forms.Form):
    """One offer, by the codes of its server, checked against the lists we have."""

    server = forms.TypedChoiceField(
        choices=Server.choices,
        coerce=int,
        error_messages=dict.fromkeys(("required", "invalid_choice"), "Choose an offer."),
    )
    country = forms.CharField(max_length=120, error_messages={"required": "Choose a country."})
    service = forms.CharField(max_length=120, error_messages={"required": "Choose a service."})
    quantity = quantity_field()
    note = forms.CharField(max_length=200, required=False, label="For (optional)")

    offer: Offer | None = None

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(spread(data) if data else data, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not {"server", "country", "service"} & self.errors.keys():
            try:
                self.offer = offers.find(given["server"], given["country"], given["service"])
            except offers.NotListed as gap:
                self.add_error(gap.field, f"{gap} {words.NOTHING}")
        return given


def spread(data: Mapping[str, Any]) -> dict[str, Any]:
    """The three codes of a chosen radio button, which carries them as one text."""
    codes = str(data.get("offer", "")).split("|")
    chosen = dict(zip(("server", "country", "service"), codes, strict=True)) if len(codes) == OFFER_CODES else {}
    return {name: data[name] for name in data} | chosen


class PurchaseForm(OfferForm):
    """The confirmed purchase. Its UUID was made with the dialog, and the price is the one that the dialog showed."""

    purchase_id = forms.UUIDField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), f"This form is out of date. {words.NOTHING} Open it again."
        )
    )
    price_seen = forms.DecimalField(required=False)
    despite = forms.IntegerField(required=False)  # the colleague's order that the member was told of

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if Heartbeat.dead():
            self.add_error(None, f"{words.REFUSALS['nobody polls']} {words.NOTHING} Tell an administrator.")
        if not upstream.is_readable():
            self.add_error(None, f"{words.REFUSALS['unreadable key']} {words.NOTHING} Tell an administrator.")
        if Weather.of(upstream.current()).bad_key_since:
            self.add_error(None, f"{words.REFUSALS['BAD_KEY']} {words.NOTHING}")
        if self.offer and (change := self.price_change(self.offer)):
            self.add_error(None, f"{change} {words.NOTHING}")
        return given

    def price_change(self, offer: Offer) -> str:
        """What the person has to know about the price before they buy; empty if it is what they saw, and fresh."""
        seen = self.cleaned_data.get("price_seen")
        if offer.price is None:
            return "" if seen is None else f"The price is no longer published; you saw ${seen:.2f}."
        if not offer.listed_at or timezone.now() - offer.listed_at > settings.MAX_PRICE_AGE:
            return "This price is old, and is being read again. Try again in a moment."
        if seen is None:
            return f"The price is ${offer.price:.2f} now; it was not published while you looked."
        return f"The price rose from ${seen:.2f} to ${offer.price:.2f} while you looked." if offer.price > seen else ""

    @transaction.atomic
    def save(self, buyer: User, **extra: Any) -> Purchase:
        """Record the purchase and ask for its numbers, once per UUID; ring for the first when that is committed."""
        given = self.cleaned_data
        wanted = {"buyer": buyer, "quantity": given["quantity"]}
        purchase, is_new = Purchase.objects.get_or_create(uuid=given["purchase_id"], defaults=wanted)
        if is_new and self.offer:
            share = self.reserve(buyer, self.offer)
            self.look_around(buyer, self.offer)
            first, *_ = [
                Order.request(purchase, ordinal, note=given["note"], **asked(self.offer), **share, **extra)
                for ordinal in range(1, purchase.quantity + 1)
            ]
            transaction.on_commit(partial(tasks.wake, tasks.buy_number, first.pk))
        return purchase

    def reserve(self, buyer: User, offer: Offer) -> dict[str, Any]:
        """What the orders keep for the sums of limits. Raises `OverLimit` where the member may not buy so much.

        The sums are of the orders themselves, read while nobody else can ask in this member's name, and the orders
        are asked for at the very moment for which the sums were read: no day and no month can have one too many.
        """
        buyer.take_turn()
        allowance = Allowance(buyer, offer, self.cleaned_data["quantity"])
        allowance.check()
        return {"requested_at": allowance.at, "estimate": allowance.estimate}

    def look_around(self, buyer: User, offer: Offer) -> None:
        """Raise `JustBought` where somebody else bought the same a moment ago, unless the member knows of it."""
        Service.objects.select_for_update().get(pk=offer.service.pk)  # two who press at once go one after the other
        codes = {"server": offer.server, "country": offer.country.code, "service": offer.service.code}
        other = Order.objects.just_bought_by_others(buyer, **codes).first()
        if other and self.cleaned_data["despite"] != other.pk:
            raise JustBought(other)


class JustBought(NotBought):
    """A colleague bought the same a few seconds ago. Nothing was bought; asked again, the member may go on."""

    def __init__(self, order: Order) -> None:
        super().__init__(words.just_bought(order))
        self.despite = order.pk


def asked(offer: Offer) -> dict[str, Any]:
    """The offer as the order keeps it, since lists change."""
    brand = offer.service.brands.first()
    place = offer.country.place
    return {
        "server": offer.server,
        "country": offer.country.code,
        "country_name": offer.country.name,
        "country_iso": offer.iso,
        "place_key": place.key if place else "",
        "service": offer.service.code,
        "service_name": offer.title,
        "brand_key": brand.key if brand else "",
        "price": offer.price,
    }


class SwitchForm(PurchaseForm):
    """A number on another server instead of one that gets no code."""

    cancel_old = forms.BooleanField(required=False, initial=True)

    def look_around(self, buyer: User, offer: Offer) -> None:
        """A number in another one's place is wanted, whoever else bought one."""


class NoteForm(forms.Form):
    note = forms.CharField(max_length=200, required=False, label="Note")


class HandOverForm(forms.Form):
    """`owner` becomes the order's owner, and so gets its sounds."""

    owner = forms.ModelChoiceField(User.who_may(BUY).order_by("username"), label="Hand over to")


class LeaveForm(forms.Form):
    """Who takes over the open orders of a member who leaves; nobody need to."""

    heir = forms.ModelChoiceField(
        User.objects.none(),
        required=False,
        empty_label="Nobody: they stay as they are",
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def __init__(self, member: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["heir"].queryset = User.who_may(BUY).exclude(pk=member.pk).order_by("username")  # type: ignore[attr-defined]


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
                order.claim_bought(actor, Number(given["activation_id"], given["phone"]))
            case "not-bought":
                order.settle_not_bought(actor)
            case _:
                order.write_off(actor)
