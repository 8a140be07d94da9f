"""A sweep of real calls over real sockets, in which some servers mean harm: the other orders notice nothing."""

from concurrent.futures import ThreadPoolExecutor
from statistics import median
from time import monotonic
from urllib.parse import parse_qs, urlsplit

import pytest

import legitsms.client
from legitsms import Client
from orders.live import cards
from orders.models import Order, OrderEvent
from orders.worker import polling
from provider.choices import Upstream as Which
from provider.paced_client import PacedClient, Priority
from tests.factories import make_order, make_purchase
from tests.legitsms.hostile import LARGE, ODD, SLOW
from tests.legitsms.upstream import Upstream, reply

pytestmark = pytest.mark.django_db(transaction=True)

KEY = "CANARY-7f3a+9/b"
GOOD = 20
DEADLINE = 3.0  # seconds; the good servers have to be in time on a busy machine too
IN_TIME = 30  # the same among servers that cost the machine much, and none of which is slow
ON_TIME = polling.BATCH_WAIT + 0.2  # seconds: the rule, and a busy machine


class Sweep:
    """One sweep over good orders and hostile ones: when each answer was given, taken to be written, and written."""

    def __init__(self, upstream, monkeypatch, servers):
        purchase = make_purchase()
        self.servers = dict(enumerate([*servers.values(), *[None] * GOOD]))
        self.hostile, self.good = list(range(len(servers))), list(range(len(servers), len(self.servers)))
        for number in self.servers:
            make_order("waiting", purchase=purchase, ordinal=number, activation_id=f"{number}")
        self.given, self.taken, self.written = {}, {}, {}
        self.record, self.record_change = polling.record, polling.record_change
        upstream.behave = self.behave
        monkeypatch.setattr(polling, "record", self.take)
        monkeypatch.setattr(polling, "record_change", self.note)
        client = PacedClient(Which.SANDBOX, Client(upstream.url, KEY), Priority.POLL)
        polling.sweep(Which.SANDBOX, client)

    def behave(self, line):
        (order,) = parse_qs(urlsplit(line.request.split()[1].decode()).query)["id"]
        self.given[int(order)] = monotonic()
        (self.servers[int(order)] or (lambda line: line.say(reply(b"STATUS_OK:" + order.encode()))))(line)

    def take(self, which, answers):
        self.taken |= {int(answer.lease.activation_id): monotonic() for answer in answers}
        self.record(which, answers)

    def note(self, answer):
        self.record_change(answer)
        self.written[int(answer.lease.activation_id)] = monotonic()

    def pauses(self, orders):
        return [self.taken[order] - self.given[order] for order in orders]


@pytest.fixture
def pool(monkeypatch):
    """Threads that end with the test, and a sweep that leaves before the slow ones have answered."""
    made = ThreadPoolExecutor(polling.THREADS)
    monkeypatch.setattr(polling, "threads", lambda: made)
    monkeypatch.setattr(polling, "SWEEP_TIMEOUT", DEADLINE / 2)
    monkeypatch.setattr(legitsms.client, "SECONDS", DEADLINE)
    yield made
    made.shutdown()


@pytest.fixture
def sweep(pool, monkeypatch):
    upstream = Upstream()
    cards.publish_card(make_order("finished"))  # the first one compiles its template
    yield lambda servers: Sweep(upstream, monkeypatch, servers)
    upstream.close()


def codes():
    found = Order.objects.filter(status="received").values_list("activation_id", "codes__text")
    return {int(order): int(code) for order, code in found}


def test_no_slow_server_delays_the_code_of_another_order(sweep):
    swept = sweep(SLOW)
    assert codes() == {order: order for order in swept.good}
    assert median(swept.pauses(swept.good)) < ON_TIME
    assert set(list(swept.written)[:GOOD]) == set(swept.good)


def test_a_slow_answer_is_told_of_at_its_deadline(sweep, pool):
    swept = sweep(SLOW)
    pool.shutdown()
    assert set(swept.written) == {*swept.good, *swept.hostile}
    assert max(swept.pauses(swept.hostile)) < DEADLINE + 1


@pytest.mark.parametrize(("servers", "seconds"), [(SLOW, DEADLINE), (LARGE | ODD, IN_TIME)], ids=["slow", "other"])
def test_each_hostile_answer_is_one_short_line_of_its_orders_history(sweep, pool, monkeypatch, servers, seconds):
    monkeypatch.setattr(legitsms.client, "SECONDS", seconds)
    swept = sweep(servers)
    pool.shutdown()
    told = OrderEvent.objects.filter(what="answer").values_list("order__activation_id", "detail")
    assert sorted(int(order) for order, _ in told) == swept.hostile
    assert all(len(words) <= 300 and words.isprintable() and "CANARY" not in words for _, words in told)
    assert codes() == {order: order for order in swept.good}


def test_of_answers_that_come_together_a_code_is_written_first(sweep, monkeypatch):
    monkeypatch.setattr(polling, "BATCH_WAIT", DEADLINE)  # all of them come together
    swept = sweep(ODD)
    assert sorted(swept.written, key=swept.written.get)[:GOOD] == sorted(swept.good, key=swept.written.get)
