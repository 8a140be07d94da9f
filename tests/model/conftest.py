import pytest
from django.db import connection

from tests.model.desk import furnish
from tests.model.machine import Machine

# What the machine notices hangs on no database
collect_ignore = [] if connection.vendor == "sqlite" else ["test_broken.py"]


@pytest.fixture
def machine(transactional_db, monkeypatch):
    """The machine, on a desk that outlives its examples."""
    monkeypatch.setattr(Machine, "lasting", furnish())
    return Machine
