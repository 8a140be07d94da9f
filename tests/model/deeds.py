"""What members and workers do, each deed a worker of its own that the machine may stop on its way."""

import uuid
from dataclasses import dataclass
from functools import partial

from django.db import OperationalError
from django.db.transaction import TransactionManagementError
from django.utils import timezone

from orders import tasks
from orders.forms import PurchaseForm, ReassignForm, SettleForm
from orders.lifecycle import closing, offboarding
from orders.limits import OverLimit
from orders.models import Order, StaleOrder
from orders.views.order_actions import cancel_or_withdraw, settle_with
from team.roles import BUY
from tests.model.workers import Worker, running

ACTS = {
    "undo cancel": closing.undo_cancel,
    "finish": closing.request_finish,
    "cancel": cancel_or_withdraw,
    "hide": closing.hide,
}
WORKERS = {"buy", "send", "check", "sweep", "recover"}


@dataclass(frozen=True)
class Fate:
    """What becomes of a call, and whether its worker rests before it looks at the answer."""

    fault: str = ""
    is_held: bool = False


class Deeds:
    """The half of the world that acts."""

    def begin(self, deed, pk=0, *, how="", who="ana"):
        steps = {
            "buy": lambda: tasks.buy_number.run(pk),
            "send": lambda: tasks.send_requested_action.run(pk),
            "check": lambda: tasks.check_reported_purchase.run(pk),
            "sweep": tasks.poll_due.run,
            "recover": tasks.recover.run,
            "settle": partial(self.settle, pk, how, who),
            "reassign": partial(self.reassign, pk, how, who),
        }
        step = steps.get(deed) or partial(self.act, deed, pk, who)
        worker = Worker(self, deed, lambda: self.live(step), pk, who if deed not in WORKERS else "")
        self.workers.append(worker)
        return worker

    def live(self, step):
        """A step's whole life; what may go wrong with it is that another was first, or that the machine was unkind."""
        try:
            step()
        except StaleOrder:
            pass
        except (OperationalError, TransactionManagementError):  # the latter, if it was locked as a savepoint was undone
            if not running().was_locked:
                raise
        except OSError:
            if not self.is_disk_full:
                raise
        finally:
            running().gone_at = timezone.now()

    # --- Members: every request looks its order up as its view does

    def act(self, deed, pk, who):
        member = self.team.present(who)
        if order := self.found(Order.objects.actionable_by(member), pk):
            ACTS[deed](order, member)

    def found(self, theirs, pk):
        """The order; nothing where the view answers that there is none."""
        order = theirs.filter(pk=pk).first()
        self.tally.not_found += order is None
        return order

    def reassign(self, pk, how, who):
        member = self.team.present(who)
        order = self.found(Order.objects.actionable_by(member), pk)
        form = ReassignForm({"owner": self.team.members[how].pk})
        if order and form.is_valid():
            offboarding.reassign(order, member, form.cleaned_data["owner"])

    def settle(self, pk, how, who):
        """A person looks at LegitSMS's own site. «mistaken» is one who says no although it was bought."""
        member = self.team.present(who)
        if not (order := self.found(Order.objects.settleable_by(member), pk)):
            return
        known = set(Order.objects.values_list("activation_id", flat=True))
        own = [number for number, sold in self.upstream.sold.items() if sold.intent == pk and number not in known]
        number = next(iter(self.upstream.sold), "") if how == "twin" else next(iter(own), "")
        told = {"mistaken": "not-bought", "write-off": "write-off"}
        answer = told.get(how) or ("bought" if number else "not-bought")
        form = SettleForm(order, {"answer": answer, "activation_id": number, "phone": "12025550199"})
        if form.is_valid():
            settle_with(form, order, member)

    def press(self, key, quantity):
        """Ana confirms the dialog whose purchase is `key`."""
        member = self.team.present("ana")
        if not member.has_perm(BUY):
            self.tally.refused += 1
            return
        form = PurchaseForm()
        form.cleaned_data = {"purchase_id": key, "quantity": quantity, "note": ""}
        form.offer = self.offer
        try:
            form.save(member)
        except OverLimit:
            self.tally.over_limit += 1
        else:
            self.presses[key] = quantity

    def press_new(self, quantity):
        self.press(uuid.uuid4(), quantity)

    def finish(self, worker, fault="", nth=0):
        """Let it run to its end; only its `nth` call from here goes astray."""
        reached, fates = "begin", iter([""] * nth + [fault])
        fate = None
        while reached and not worker.is_gone:
            if reached == "call":
                fate = Fate(next(fates, ""))
            reached = worker.go(fate)

    def do(self, deed, pk=0, *, fault="", nth=0, **named):
        self.finish(self.begin(deed, pk, **named), fault, nth)
