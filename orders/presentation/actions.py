"""Which actions a card offers, by the order's state and its viewer's permissions."""

from dataclasses import dataclass
from typing import NamedTuple

from orders.permissions import OrderPermissions

ENDED_WITHOUT_CODE = {"cancelled", "closed", "refused"}
IN_PROGRESS = {"buying", "cancelling", "finishing"}  # a step is being sent: nothing can be pressed


class Action(NamedTuple):
    """One button or menu item.

    `method`: «get» opens a dialog at `url`, «post» acts at once, «link» leads there, «copy» copies what `key` names.
    """

    key: str
    label: str
    icon: str
    method: str
    url: str = ""
    shortcut: str = ""


@dataclass(frozen=True, slots=True)
class OrderActions:
    """The actions of one order. The addresses: of its page, of the purchase dialog and of the Buy page for it."""

    state: str
    permissions: OrderPermissions
    path: str
    review_url: str
    buy_url: str
    can_copy_code: bool
    can_copy_number: bool

    def menu(self) -> list[Action]:
        """What stands in the card's menu."""
        state, acts = self.state, self.permissions.acts
        offered = [
            (state == "finished" and self.can_copy_code, Action("code", "Copy code", "copy", "copy")),
            (self.can_copy_number, Action("number", "Copy number", "copy", "copy")),
            (acts and state in {"waiting", "cancel-planned"}, self._buy_another()),
            (acts and state == "cancel-planned", self._switch()),
            (acts and state not in {"buying", "refused", "unclear"}, self._note("note")),
            (acts, Action("reassign", "Hand over…", "user-share", "get", f"{self.path}reassign/")),
            (True, Action("history", "History", "history", "link", self.path)),
            (acts and state == "finished", self._hide("eye-off")),
        ]
        return [action for is_offered, action in offered if is_offered]

    def buttons(self) -> list[Action]:
        """What stands below the card. A cancel's label is the template's: it has a time in it."""
        if not self.permissions.acts or self.state in IN_PROGRESS:
            return []
        match self.state:
            case "waiting":
                return [self._switch(), Action("cancel", "Cancel", "", "get", f"{self.path}cancel/", "x")]
            case "cancel-planned":
                return [Action("undo-cancel", "Keep waiting", "", "post", f"{self.path}undo-cancel/")]
            case "unclear":
                settle = Action("settle", "What to do…", "", "get", f"{self.path}settle/")
                return [*([settle] if self.permissions.settles else []), self._note()]
            case _:
                return self._closing_buttons()

    def _closing_buttons(self) -> list[Action]:
        if self.state == "received":
            done = Action("finish", "Done", "check", "post", f"{self.path}finish/", "d")
            return [done, self._buy_another("")]
        if self.state in ENDED_WITHOUT_CODE:
            elsewhere = Action("buy-elsewhere", "Buy on another server…", "", "link", self.buy_url)
            again = self._buy_another("", "Try again" if self.state == "refused" else "")
            return [elsewhere, again, self._hide()]
        return [self._buy_another("")]

    def _switch(self) -> Action:
        return Action("switch", "Switch server…", "arrows-exchange", "get", f"{self.path}switch/", "s")

    def _note(self, icon: str = "") -> Action:
        return Action("note", "Note…", icon, "get", f"{self.path}note/")

    def _hide(self, icon: str = "") -> Action:
        return Action("hide", "Hide", icon, "post", f"{self.path}hide/")

    def _buy_another(self, icon: str = "repeat", label: str = "") -> Action:
        return Action("buy-another", label or "Buy another…", icon, "get", self.review_url)
