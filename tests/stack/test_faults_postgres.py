"""PostgreSQL ends its connections under a running desk, or goes away altogether, and comes back."""

from contextlib import closing
from time import sleep

import psycopg
import pytest

from tests.postgres import server
from tests.stack.breaking import gets_its_code
from tests.stack.desk import Desk, eventually

ROUNDS = 15
END_ALL = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid != pg_backend_pid() AND datname IS NOT NULL"


@pytest.fixture(scope="module")
def database():
    with server() as running:
        yield running


@pytest.fixture(scope="module")
def desk(database, tmp_path_factory):
    made = Desk(tmp_path_factory.mktemp("postgres"))
    made.environment["DATABASE_URL"] = database.url
    made.start()
    made.make_members()
    yield made
    made.stop()


@pytest.fixture
def ask(database):
    with closing(psycopg.connect(f"host={database.folder} user=desk dbname=postgres", autocommit=True)) as connection:
        yield lambda question: connection.execute(question).fetchall()


def test_connections_that_end_in_the_middle_of_everything_double_and_lose_nothing(desk, ask):
    ana = desk.member("ana")
    order = desk.bought_by(ana.buy)["id"]
    desk.control("deliver", id=order, text="meanwhile 4455")
    assert ana.buy(quantity=9).status_code == 200
    for _ in range(ROUNDS):
        ask(END_ALL)
        assert ana.get("/").status_code in {200, 503}
        sleep(0.2)  # so that something has begun again
    eventually(lambda: not ask("SELECT 1 FROM orders_order WHERE status IN ('requested', 'buying')"), within=90)
    numbers = [number for [number] in ask("SELECT activation_id FROM orders_order WHERE activation_id != ''")]
    books = desk.ledger()
    assert sorted(numbers) == sorted(order["id"] for order in books["orders"])
    assert len(books["purchases"]) == len(books["orders"]) == 10
    eventually(lambda: "meanwhile 4455" in desk.member("ben").get("/").text)


def test_a_database_that_is_away_for_a_while_buys_nothing_and_loses_no_code(desk, database):
    ana = desk.member("ana")
    order = desk.bought_by(ana.buy)["id"]
    eventually(lambda: "waiting" in ana.states())
    processes, bought = desk.pids(), len(desk.ledger()["purchases"])
    database.stop()
    answer = ana.buy()
    sleep(3)  # polls, recoveries and heartbeats that find no database
    database.start()
    assert (answer.status_code, "Nothing was bought." in answer.text) == (503, True)
    assert gets_its_code(desk, order, "back 4455", within=30)
    assert len(desk.ledger()["purchases"]) == bought
    assert desk.pids() == processes
