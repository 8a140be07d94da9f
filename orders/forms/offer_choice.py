"""The forms of the Buy page: the search for a brand and a place, and the chosen offer."""

from collections.abc import Callable, Mapping
from typing import Any

from django import forms

from catalog import offers, search
from catalog.models import Brand, Place, Server
from catalog.offers import Offer
from orders.models import LARGEST_QUANTITY
from orders.presentation import wording

OFFER_CODES = 3  # server, country, service
QUANTITY = f"Enter a quantity from 1 to {LARGEST_QUANTITY}. {wording.NOTHING_BOUGHT}"


def quantity_field() -> forms.IntegerField:
    return forms.IntegerField(
        min_value=1,
        max_value=LARGEST_QUANTITY,
        initial=1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), QUANTITY),
    )


class BuyForm(forms.Form):
    """The brand and the place that a person searches for, chosen by key or typed by name."""

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
            key=given.get("service") or unique_key(search.brands, given.get("service_text"))
        ).first()
        self.place = Place.objects.filter(
            key=given.get("country") or unique_key(search.places, given.get("country_text"))
        ).first()
        for field, found, label in (("service", self.brand, "a service"), ("country", self.place, "a country")):
            if not found:
                typed = given.get(f"{field}_text")
                several = f"«{typed}» is not listed, or may mean several. Choose {label}."
                self.add_error(field, several if typed else f"Choose {label}.")
        return given

    def add_offer_errors(self, chosen: "OfferForm") -> None:
        """Add the errors of `chosen`, except missing codes, which only a choice among the offers would give."""
        is_complete = self.brand is not None and self.place is not None
        for field, problems in chosen.errors.as_data().items():
            for problem in problems:
                if field == "server" and is_complete:
                    self.add_error(None, problem)
                elif field != "server" and problem.code != "required":
                    self.add_error(field, problem)


def unique_key(search_for: Callable[[str], search.Results], text: str | None) -> str:
    """The key of the only entry that `text` matches, exactly or at all; empty if it matches several."""
    if not text or not (found := search_for(text)).options:
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
        super().__init__(split_offer(data) if data else data, **kwargs)

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        if not {"server", "country", "service"} & self.errors.keys():
            try:
                self.offer = offers.get_offer(given["server"], given["country"], given["service"])
            except offers.NotListed as gap:
                self.add_error(gap.field, f"{gap} {wording.NOTHING_BOUGHT}")
        return given


def split_offer(data: Mapping[str, Any]) -> dict[str, Any]:
    """Split the value of the chosen radio button into its three codes."""
    codes = str(data.get("offer", "")).split("|")
    chosen = dict(zip(("server", "country", "service"), codes, strict=True)) if len(codes) == OFFER_CODES else {}
    return {name: data[name] for name in data} | chosen
