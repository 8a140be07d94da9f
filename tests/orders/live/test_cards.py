import json

import pytest
import redis
from django.db import OperationalError, transaction

from orders.lifecycle import answers, transitions
from orders.live import cards
from team import pubsub
from tests.factories import make_order, make_received, make_user

pytestmark = pytest.mark.django_db


class Broker:
    """Records what is published, or fails as a broker does."""

    def __init__(self, fault=None):
        self.published, self.tries, self.fault = [], 0, fault

    def publish(self, channel, text):
        self.tries += 1
        if self.fault:
            raise self.fault
        self.published.append((channel, json.loads(text)))


@pytest.fixture
def broker(monkeypatch):
    made = Broker()
    monkeypatch.setattr(pubsub, "broker", lambda: made)
    return made


def test_a_card_is_published_with_its_owner(broker):
    order = make_received("123456")
    cards.publish_card(order)
    [(channel, told)] = broker.published
    assert (channel, told["event"], told["order"], told["owner"]) == (pubsub.CHANNEL, "card", order.pk, order.owner_id)
    assert "123456" in told["cards"]["acts codes"]


def test_a_published_card_carries_its_version_and_no_token(broker):
    cards.publish_card(make_order("waiting", version=7))
    cards_of_all = broker.published[0][1]["cards"].values()
    assert all('data-version="7"' in html for html in cards_of_all)
    assert not any("csrfmiddlewaretoken" in html for html in cards_of_all)


def test_a_card_is_the_same_whoever_of_its_audience_looks(broker, desk):
    order = make_received()
    cards.publish_card(order)
    assert desk.get(f"/orders/{order.pk}/card/").content.decode() == broker.published[0][1]["cards"]["acts codes"]


def test_a_broker_that_is_not_there_costs_nobody_anything(caplog):
    cards.publish_card(make_order("waiting"))
    assert "no live updates for a moment" in caplog.text


@pytest.mark.parametrize("fault", [redis.ConnectionError(), redis.TimeoutError(), redis.ResponseError("OOM")])
def test_a_dead_broker_is_swallowed_and_left_in_peace_for_a_moment(broker, fault):
    broker.fault = fault
    [pubsub.publish({"event": "banner"}) for _ in range(3)]
    assert broker.tries == 1


def test_a_broker_that_is_back_is_told_again(broker, monkeypatch):
    broker.fault = redis.ConnectionError()
    pubsub.publish({"event": "banner"})
    broker.fault = None
    monkeypatch.setattr(pubsub, "_broken_until", 0.0)
    pubsub.publish({"event": "banner"})
    assert broker.published == [(pubsub.CHANNEL, {"event": "banner"})]


def test_a_change_is_shown_once_it_is_stored(told, django_capture_on_commit_callbacks):
    order = make_order("waiting")
    with django_capture_on_commit_callbacks(execute=True):
        transitions.change(order, "note", make_user(), note="ticket 7")
        assert told == []
    assert "ticket 7" in told[0]["cards"]["acts"]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_was_rolled_back_is_shown_to_nobody(told):
    order = make_order("waiting")
    with transaction.atomic():
        transitions.change(order, "note", note="never")
        transaction.set_rollback(True)
    assert told == []


@pytest.mark.django_db(transaction=True)
def test_a_card_that_cannot_be_rendered_breaks_no_step(monkeypatch, caplog):
    monkeypatch.setattr(cards, "render_to_string", lambda *_: 1 / 0)
    order = make_order("waiting")
    answers.record_code(order, "123456")
    order.refresh_from_db()
    assert order.status == "received"


@pytest.mark.django_db(transaction=True)
def test_boards_fetch_themselves_where_the_database_went_away_right_after_a_change(monkeypatch, told):
    def cut(*_):
        raise OperationalError("terminating connection due to administrator command")

    monkeypatch.setattr(cards, "render", cut)
    answers.record_code(make_order("waiting"), "123456")
    assert told == [{"event": "board"}]
