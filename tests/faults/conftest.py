"""A LegitSMS that can be made to fail, over real sockets."""

import pytest

from legitsms.sandbox import Sandbox


@pytest.fixture
def sandbox(settings):
    with Sandbox(speed=10) as running:
        settings.SANDBOX_URL = running.url
        yield running


@pytest.fixture
def books(sandbox):
    """How many purchases LegitSMS was asked for, and how many numbers it sold."""
    return lambda: (len(sandbox.ledger()["purchases"]), len(sandbox.ledger()["orders"]))
