import pytest
from django.core.cache import cache

from orders import tasks
from tests.walk.world import KEY, World


@pytest.fixture
def world(monkeypatch, settings, alive, capsys):
    monkeypatch.setattr(tasks, "enqueue", lambda *_: None)
    settings.SANDBOX_SPEED, settings.LEGITSMS_API_KEY = 1, KEY
    cache.clear()
    walked = World()
    yield walked
    with capsys.disabled():
        print(f" {walked.requests} requests", end="")
