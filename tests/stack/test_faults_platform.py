"""The broker, the workers, beat and the web of a running desk fail, one after the other, and its promises hold."""

import os
import pickle
import signal
import subprocess
import sys
import uuid

import pytest
import requests

from tests.stack.breaking import (
    BROKER,
    NEVER_NEARER,
    all_at_once,
    ask,
    broker,
    celery,
    frozen,
    gets_its_code,
    last_order,
    main_process,
    pace,
    status_of,
    timed,
)
from tests.stack.desk import ROOT, eventually

OFFER = {"server": 1, "country": "187", "service": "sbnever", "quantity": 1}


class Touch:
    """What unpickling would do."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return os.mkdir, (str(self.path),)


@pytest.fixture
def desk(tough_desk):
    """The desk, whole again, without a scripted fault."""
    eventually(tough_desk.is_ready)
    tough_desk.control("clear")
    return tough_desk


@pytest.fixture
def ana(desk):
    return desk.member("ana")


def sold(desk):
    books = desk.ledger()
    return len(books["purchases"]), len(books["orders"])


def waits(desk, pk, within=20):
    """Whether the order gets its number."""
    return eventually(lambda: status_of(desk, pk) == "waiting", within=within)


def test_twenty_clicks_on_one_dialog_buy_one_number(desk, ana):
    before, form = sold(desk), OFFER | {"purchase_id": str(uuid.uuid4())}
    answers = all_at_once(lambda: ana.post("/buy/", **form).status_code, 20)
    assert set(answers) == {200}
    assert waits(desk, last_order(desk)[0])
    assert sold(desk) == (before[0] + 1, before[1] + 1)


@pytest.mark.parametrize("is_dead", [False, True], ids=["frozen", "killed"])
def test_a_page_does_not_wait_for_the_broker_and_the_number_comes_later(desk, ana, is_dead):
    before = sold(desk)
    with frozen(desk, BROKER):
        if is_dead:
            desk.kill(BROKER)
        answer, seconds = timed(ana.buy)
        assert (answer.status_code, seconds <= 2) == (200, True), seconds
    assert waits(desk, last_order(desk)[0])
    assert sold(desk) == (before[0] + 1, before[1] + 1)


def test_fifty_bells_for_one_order_buy_one_number(desk, ana):
    before = sold(desk)
    with frozen(desk, "--queues purchasing"):
        ana.buy()
        pk, *_ = last_order(desk)
        [celery(desk).send_task("orders.buy_number", (pk,), queue="purchasing") for _ in range(50)]
    assert waits(desk, pk)
    eventually(lambda: not length(desk, "purchasing"))
    assert sold(desk) == (before[0] + 1, before[1] + 1)


def length(desk, queue):
    with broker(desk) as server:
        return server.llen(queue)


def test_a_worker_that_is_told_to_end_finishes_its_purchase(desk, ana):
    desk.control("fault", action="getNumber", fault="delay", seconds=2)
    began = sold(desk)
    ana.buy()
    eventually(lambda: sold(desk) != began)
    os.kill(main_process(desk, "--queues purchasing"), signal.SIGTERM)
    assert waits(desk, last_order(desk)[0])


def test_a_broker_that_dies_while_legitsms_answers_costs_no_purchase(desk, ana):
    desk.control("fault", action="getNumber", fault="delay", seconds=2)
    began = sold(desk)
    ana.buy()
    eventually(lambda: sold(desk) != began)
    desk.kill(BROKER)
    assert waits(desk, last_order(desk)[0])
    assert sold(desk)[0] == began[0] + 1


def test_an_emptied_broker_leaves_nothing_behind(desk, ana):
    with frozen(desk, "--queues purchasing"), broker(desk) as server:
        ana.buy(quantity=3)
        server.flushall()
    pk, *_ = last_order(desk)
    assert waits(desk, pk, within=15)
    assert gets_its_code(desk, last_order(desk)[2], "emptied 4455")


def test_a_full_broker_fails_no_page_and_loses_no_order(desk, ana):
    with broker(desk) as server:
        server.config_set("maxmemory", "1")
        try:
            answer, seconds = timed(ana.buy)
            assert (answer.status_code, seconds <= 2) == (200, True), seconds
            assert ana.get("/").status_code == 200
        finally:
            server.config_set("maxmemory", "0")
    assert waits(desk, last_order(desk)[0])


def test_two_hundred_poisoned_messages_kill_no_worker_and_run_nothing(desk, ana, tmp_path):
    worker, send = main_process(desk, "--queues purchasing"), celery(desk).send_task
    for _ in range(40):
        send("no.such.task", queue="purchasing")
        send("orders.buy_number", ("one", 2), queue="purchasing")
        send("orders.buy_number", kwargs={"order": 1, "api_version": 0}, queue="purchasing")
        send("orders.buy_number", (10**9,), queue="purchasing")
    with celery(desk).producer_or_acquire() as producer:
        for _ in range(40):
            body, headers = pickle.dumps(Touch(tmp_path / "pickled")), {"task": "orders.buy_number", "id": "1"}
            kind = {"content_type": "application/x-python-serialize", "content_encoding": "binary"}
            producer.publish(body, routing_key="purchasing", headers=headers, **kind)
    ana.buy()
    assert waits(desk, last_order(desk)[0])
    assert (main_process(desk, "--queues purchasing"), (tmp_path / "pickled").exists()) == (worker, False)


def test_a_second_beat_asks_no_order_more_often(desk, ana):
    ana.buy()
    assert waits(desk, last_order(desk)[0])
    began = desk.ledger()["monotonic"]
    command = [sys.executable, "-m", "legitsms_site", "beat"]
    with subprocess.Popen(command, cwd=ROOT, env=desk.environment, stdout=subprocess.DEVNULL) as second:
        eventually(lambda: len([at for at in desk.ledger()["orders"][-1]["polls"] if at >= began]) >= 4)
        second.terminate()
    assert pace(desk, began) >= NEVER_NEARER


def test_a_web_process_that_is_killed_under_load_leaves_no_half_purchase(desk, ana):
    def press():
        try:
            return ana.buy(quantity=3).status_code
        except requests.RequestException:
            return None

    for _ in range(2):
        all_at_once(lambda: press() or desk.kill("uvicorn"), 4)
        eventually(desk.is_ready)
    halves = """SELECT p.uuid FROM orders_purchase p LEFT JOIN orders_order o ON o.purchase_id = p.uuid
                GROUP BY p.uuid, p.quantity HAVING count(o.id) != p.quantity"""
    assert ask(desk, halves) == []
    assert eventually(lambda: not ask(desk, "SELECT 1 FROM orders_order WHERE status IN ('requested', 'buying')"))
    orders = ask(desk, "SELECT activation_id FROM orders_order WHERE activation_id != ''")
    assert sorted(pk for [pk] in orders) == sorted(order["id"] for order in desk.ledger()["orders"])
