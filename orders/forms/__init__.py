"""What people may ask for, and the words they get when that cannot be."""

from orders.forms.acting import HandOverForm, LeaveForm, NoteForm, SettleForm
from orders.forms.choosing import BuyForm, OfferForm
from orders.forms.purchase import PurchaseForm, SwitchForm

__all__ = ["BuyForm", "HandOverForm", "LeaveForm", "NoteForm", "OfferForm", "PurchaseForm", "SettleForm", "SwitchForm"]
