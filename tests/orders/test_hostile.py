"""What hostile answers do to orders: curated bodies, read by the real parsers, on their way into the database."""

import pytest
from django.utils import timezone

from legitsms import Waiting
from legitsms.replies import parse_closing, parse_number, parse_status
from orders.models import Order, OrderEvent
from orders.worker import poll_leases, polling, purchasing
from provider.choices import Upstream
from provider.models import ProviderHealth
from tests.factories import make_order, make_purchase
from tests.fakes import FakeClient
from tests.legitsms import corpus

pytestmark = pytest.mark.django_db

ANSWERS = corpus.answers()
DOUBTS = [body for body, said in ANSWERS.items() if said == ("Uncertain",) * 3]
FEWER = {
    body: said for body, said in ANSWERS.items() if body not in DOUBTS or body in DOUBTS[::8]
}  # each costs some ms
NOT_BOUGHT = {"NoNumbers", "NoBalance", "BadService", "BadKey", "AccountBanned", "AddressBlocked", "Refused"}
BECOMES = {"Waiting": "waiting", "Closed": "closed", "Code": "received"}


def answering(parse, body):
    """The answer of a client to which LegitSMS said `body`."""
    return lambda: parse(body)


def first_word(said):
    return said.partition(" ")[0]


@pytest.fixture
def heard(monkeypatch):
    """Every curated body, by the order that heard it, after one sweep."""
    purchase = make_purchase()
    orders = [make_order("waiting", purchase=purchase, ordinal=number) for number in range(len(ANSWERS))]
    bodies = dict(zip(orders, ANSWERS, strict=True))
    monkeypatch.setattr(poll_leases, "CHUNK", len(bodies))
    statuses = {order.activation_id: answering(parse_status, body) for order, body in bodies.items()}
    polling.sweep(Upstream.SANDBOX, FakeClient(statuses=statuses))
    return {order.pk: body for order, body in bodies.items()}


def test_a_status_that_is_nonsense_changes_no_order_and_tells_of_it_in_short_printable_words(heard):
    said = {pk: ANSWERS[body][1] for pk, body in heard.items()}
    assert dict(Order.objects.values_list("pk", "status")) == {
        pk: BECOMES.get(first_word(said[pk]), "waiting") for pk in heard
    }
    coded = Order.objects.filter(codes__isnull=False).values_list("pk", flat=True)
    assert set(coded) == {pk for pk in heard if first_word(said[pk]) == "Code"}
    told = dict(OrderEvent.objects.filter(what="answer").values_list("order", "detail"))
    assert {pk for pk in heard if said[pk].startswith("Uncertain")} <= set(told)
    assert all(len(words) <= 300 and words.isprintable() for words in told.values())


def test_a_purchase_is_refused_by_a_documented_word_alone(alive, log):
    purchase = make_purchase()
    expected = {body: after_buying_as(number) for body, (number, _, _) in FEWER.items()}
    found = {body: after_buying(body, purchase, ordinal, log) for ordinal, body in enumerate(FEWER)}
    assert found == expected


def after_buying(body, purchase, ordinal, log):
    order = make_order("requested", purchase=purchase, ordinal=ordinal)
    purchasing.buy(order, FakeClient(answering(parse_number, body)), log)
    status = Order.objects.get(pk=order.pk).status
    order.delete()  # the next one may get the same number
    ProviderHealth.mark("sandbox", bad_key_since=None)
    return status


def after_buying_as(said):
    return "waiting" if said.startswith("Number") else "refused" if said in NOT_BOUGHT else "unclear"


def test_a_cancel_is_believed_for_its_own_word_alone():
    purchase = make_purchase()
    expected = {body: after_cancelling_as(closing) for body, (_, _, closing) in FEWER.items()}
    assert {body: after_cancelling(body, purchase) for body in FEWER} == expected


def after_cancelling(body, purchase):
    order = make_order("waiting", purchase=purchase, cancel_at=timezone.now())
    purchasing.send_requested_action(order, FakeClient(Waiting(), answering(parse_closing, body), Waiting()))
    status = Order.objects.get(pk=order.pk).status
    order.delete()
    return status


def after_cancelling_as(said):
    return {"CANCELLED": "cancelled", "Code": "received"}.get(first_word(said), "waiting")
