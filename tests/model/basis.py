"""What every rule stands on: which order it is about, what stories are made of, and the looks at everything."""

from functools import wraps

from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from orders import tasks
from tests.model.chances import MOST_ORDERS
from tests.model.ending import look_at_the_end
from tests.model.watcher import Watcher
from tests.model.world import World

MOST_WORKERS = 3
ROUNDS, ROUND = 2, 225  # seconds
TASKS = {
    tasks.buy_number.name: "buy",
    tasks.send_requested_action.name: "send",
    tasks.check_reported_purchase.name: "check",
}


def noted(deed):
    """It is told in the example's story, and counted."""

    @wraps(deed)
    def told(machine, **drawn):
        machine.note(deed.__name__, drawn)
        deed(machine, **drawn)

    return told


def happens(**drawn_from):
    """A rule."""
    return lambda deed: rule(**drawn_from)(noted(deed))


def has(*statuses):
    """The precondition that an order is in one of these."""
    return lambda machine: any(row.status in statuses for row in machine.watcher.orders.values())


class Basis(RuleBasedStateMachine):
    """`lasting` is set by the test: what outlives an example."""

    lasting = None

    def __init__(self):
        super().__init__()
        self.world = World(self.lasting).__enter__()
        self.watcher = Watcher(self.world)
        self.story, self.is_sound = [], True

    def note(self, name, drawn):
        self.is_sound = False  # until the next look at everything
        self.story.append(f"{name}({', '.join(f'{what}={which!r}' for what, which in drawn.items())})")
        self.world.tally.rules[name] += 1
        self.world.tally.steps += 1

    # --- Which one

    def order(self, n):
        pks = sorted(self.watcher.orders)
        return pks[n % len(pks)]

    def fitting(self, n, *statuses):
        """One of these if there is one, else any: who clicks looks at the card, though perhaps at an old one."""
        pks = [pk for pk, row in self.watcher.orders.items() if row.status in statuses]
        return pks[n % len(pks)] if pks else self.order(n)

    def number(self, n):
        numbers = list(self.world.upstream.sold)
        return numbers[n % len(numbers)]

    def worker(self, n):
        return self.living()[n % len(self.living())]

    def living(self):
        return [worker for worker in self.world.workers if not worker.is_gone]

    def has_orders(self):
        return bool(self.watcher.orders)

    def has_room(self):
        return len(self.watcher.orders) < MOST_ORDERS

    def has_sold(self):
        return bool(self.world.upstream.sold)

    def may_begin(self):
        return self.has_orders() and len(self.living()) < MOST_WORKERS

    # --- What stories are made of

    def ask_for_one(self):
        self.world.press_new(1)
        self.watcher.look()
        return max(self.watcher.orders)

    def buy(self, fault):
        self.world.do("buy", self.ask_for_one(), fault=fault)

    def happen(self, event, pk):
        seconds = {"later": 3, "much later": 61, "too late": 121}
        self.world.advance(seconds.get(event, 0))
        for number, sold in self.world.upstream.sold.items():
            if sold.intent == pk and event == "sms":
                self.world.upstream.receive(number, "444444")
            if sold.intent == pk and event == "expire":
                self.world.upstream.expire(number)

    def run_recovery(self):
        """Recovery, and then each task that it enqueued."""
        self.world.enqueued.clear()
        self.world.do("recover")
        while self.world.enqueued:
            name, pk = self.world.enqueued.pop()
            self.world.do(TASKS[name], pk)

    # --- What must be true

    @invariant()
    def all_is_well(self):
        self.watcher.look()
        self.is_sound = True

    def teardown(self):
        self.world.tally.walks += 1
        self.world.tally.purchases += len(self.world.upstream.sold)
        try:
            if self.is_sound:
                self.end_well()
        finally:
            self.world.__exit__(None, None, None)

    def end_well(self):
        """The workers are gone, all works again: soon nothing hangs in the air."""
        for worker in self.living():
            worker.die()
        self.world.set_weather("good")
        for _ in range(ROUNDS):
            self.world.advance(ROUND)
            self.run_recovery()
            self.world.do("sweep")
        self.watcher.look()
        look_at_the_end(self.watcher)
