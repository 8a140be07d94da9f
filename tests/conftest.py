import gc
from math import inf
from time import time

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY as METHODS
from django.test import Client
from hypothesis import settings as hypothesis

from catalog import search, tasks
from orders.live import cards
from orders.worker.journal import Journal, journal
from provider import budget, upstream
from team import pubsub
from team.roles import Role
from tests.factories import make_administrator, make_heartbeats, make_user
from tests.fakes import FakeClient

hypothesis.register_profile("desk", deadline=None)  # a busy machine is no fault of the code
hypothesis.load_profile("desk")
gc.set_threshold(50_000, 20, 100)  # looking through everything that was imported, after each few objects, takes a sixth


@pytest.fixture(autouse=True)
def data_dir(settings, tmp_path, monkeypatch):
    """Every test has a data folder of its own, in which no broker listens, and remembers nothing of another's."""
    settings.DATA_DIR = tmp_path
    monkeypatch.setattr(upstream, "_stored", upstream.Stored(read_at=inf))  # no key, and no question for one
    monkeypatch.setattr(pubsub, "_broken_until", 0.0)
    journal.cache_clear()
    budget.clear_cache()
    search.build_index.cache_clear()
    tasks.update_suggestions.cache_clear()
    return tmp_path


@pytest.fixture
def log(data_dir):
    """The purchase journal, on a real disk."""
    return Journal(data_dir / "journal")


@pytest.fixture
def alive(db):
    """All our processes have just given a sign of life."""
    make_heartbeats()


@pytest.fixture
def member(db):
    return make_user("ana", first_name="Ana", email="ana@example.com")


@pytest.fixture
def colleague(db):
    return make_user("ben", first_name="Ben")


@pytest.fixture
def desk(member):
    """A browser in which the member is signed in."""
    return signed_in(member)


@pytest.fixture
def htmx(member):
    """The same, asking as htmx asks."""
    return signed_in(member, headers={"HX-Request": "true"})


@pytest.fixture
def viewer(db):
    """A member who may only look."""
    return make_user("vera", Role.VIEWER, first_name="Vera")


@pytest.fixture
def lookout(viewer):
    """A browser in which the viewer is signed in."""
    return signed_in(viewer)


@pytest.fixture
def admin_desk(db):
    return confirmed(make_administrator())


def signed_in(user, **extra):
    browser = Client(**extra)
    browser.force_login(user)
    return browser


def confirmed(user):
    """A browser in which `user` has just proved once more who they are, as pages that matter want it."""
    browser = signed_in(user)
    session = browser.session
    session[METHODS] = [{"method": "password", "at": time(), "reauthenticated": True}]
    session[f"{METHODS}_user"] = str(user.pk)
    session.save()
    return browser


@pytest.fixture
def told(monkeypatch):
    """What would have been published to every open browser."""
    messages = []
    monkeypatch.setattr(cards, "publish", messages.append)
    monkeypatch.setattr(pubsub, "publish", messages.append)
    return messages


@pytest.fixture
def bells(monkeypatch):
    """The ids for which a task was rung, as (task, id)."""
    from orders import tasks

    rung = []
    monkeypatch.setattr(tasks, "enqueue", lambda task, order_id: rung.append((task.name, order_id)))
    return rung


@pytest.fixture
def upstream_client(monkeypatch):
    """The client that tasks get, whichever LegitSMS they ask for."""
    client = FakeClient()
    monkeypatch.setattr(upstream, "client", lambda *_: client)
    return client
