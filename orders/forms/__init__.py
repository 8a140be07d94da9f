"""The forms of the desk, with their error messages."""

from orders.forms.offer_choice import BuyForm, OfferForm
from orders.forms.order_actions import NoteForm, OffboardForm, ReassignForm, SettleForm
from orders.forms.purchase import PurchaseForm, SwitchForm

__all__ = [
    "BuyForm",
    "NoteForm",
    "OffboardForm",
    "OfferForm",
    "PurchaseForm",
    "ReassignForm",
    "SettleForm",
    "SwitchForm",
]
