"""The confirmed purchase: checked once more, it becomes a `Purchase` and its orders."""

from functools import partial
from typing import Any

from django import forms
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.models import Service
from catalog.offers import Offer
from orders import tasks
from orders.forms.offer_choice import OfferForm
from orders.lifecycle import buying
from orders.limits import NotBought, PurchaseLimits
from orders.models import Heartbeat, Order, Purchase
from orders.presentation import wording
from provider import upstream
from provider.models import ProviderHealth
from team.models import User


class PurchaseForm(OfferForm):
    """The confirmed purchase. Its UUID was made with the dialog, and the price is the one that the dialog showed."""

    purchase_id = forms.UUIDField(
        error_messages=dict.fromkeys(
            ("required", "invalid"), f"This form is out of date. {wording.NOTHING_BOUGHT} Open it again."
        )
    )
    price_seen = forms.DecimalField(required=False)
    despite = forms.IntegerField(required=False)  # the colleague's order that the member was told of

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if Heartbeat.dead():
            self.add_error(None, f"{wording.REFUSALS['nobody polls']} {wording.NOTHING_BOUGHT} Tell an administrator.")
        if not upstream.is_readable():
            self.add_error(
                None, f"{wording.REFUSALS['unreadable key']} {wording.NOTHING_BOUGHT} Tell an administrator."
            )
        if ProviderHealth.for_upstream(upstream.current()).bad_key_since:
            self.add_error(None, f"{wording.REFUSALS['BAD_KEY']} {wording.NOTHING_BOUGHT}")
        if self.offer and (change := self.price_change(self.offer)):
            self.add_error(None, f"{change} {wording.NOTHING_BOUGHT}")
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
    def save(self, buyer: User, replaces: Order | None = None, **extra: Any) -> Purchase:
        """Store the purchase and its orders, once per UUID; enqueue the first on commit. Raises `NotBought`."""
        given = self.cleaned_data
        wanted = {"buyer": buyer, "quantity": given["quantity"]}
        purchase, is_new = Purchase.objects.get_or_create(uuid=given["purchase_id"], defaults=wanted)
        if is_new and self.offer:
            reserved = self.reserve(buyer, self.offer)
            self.check_concurrent(buyer, self.offer, replaces)
            fields = offer_fields(self.offer) | reserved | extra | {"note": given["note"], "replaces": replaces}
            first, *_ = [
                buying.request_number(purchase, ordinal, **fields) for ordinal in range(1, purchase.quantity + 1)
            ]
            transaction.on_commit(partial(tasks.enqueue, tasks.buy_number, first.pk))
        return purchase

    def reserve(self, buyer: User, offer: Offer) -> dict[str, Any]:
        """Check the limits, and return the fields by which the orders count. Raises `OverLimit`.

        The sums are read while the member's row is locked, and the orders get the very time for which they were read,
        so that no day and no month can have one too many.
        """
        buyer.lock_row()
        limits = PurchaseLimits(buyer, offer, self.cleaned_data["quantity"])
        limits.check()
        return {"requested_at": limits.at, "estimate": limits.estimate}

    def check_concurrent(self, buyer: User, offer: Offer, _replaced: Order | None) -> None:
        """Raise `JustBought` if somebody else bought the same a moment ago, unless the member was told."""
        Service.objects.select_for_update().get(pk=offer.service.pk)  # two who press at once go one after the other
        codes = {"server": offer.server, "country": offer.country.code, "service": offer.service.code}
        other = Order.objects.just_bought_by_others(buyer, **codes).first()
        if other and self.cleaned_data["despite"] != other.pk:
            raise JustBought(other)


class JustBought(NotBought):
    """A colleague bought the same a few seconds ago. Nothing was bought; asked again, the member may go on."""

    def __init__(self, order: Order) -> None:
        super().__init__(wording.bought_by_other(order))
        self.despite = order.pk


def offer_fields(offer: Offer) -> dict[str, Any]:
    """The offer as the order stores it, since lists change."""
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

    def check_concurrent(self, _buyer: User, _offer: Offer, replaced: Order | None) -> None:
        """Raise `NotBought` if somebody has switched the same order already."""
        if replaced:
            Order.objects.select_for_update(no_key=True).get(pk=replaced.pk)  # two who press at once go one by one
            if other := Order.objects.open().filter(replaces=replaced).first():
                raise NotBought(wording.switched_already(other))
