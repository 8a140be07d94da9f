"""`python -m tests.faults.deed WHAT PK`: one step of the desk in a process of its own, so that it can be killed."""

import sys
import uuid

import django

django.setup()

from django.test import Client  # noqa: E402

from orders import tasks  # noqa: E402
from team.models import User  # noqa: E402

OFFER = {"server": 1, "country": "187", "service": "sbcode", "quantity": 1}


def ask(member):
    """Press Buy, in the web process."""
    browser = Client(SERVER_NAME="localhost")
    browser.force_login(User.objects.get(pk=member))
    browser.post("/buy/", OFFER | {"purchase_id": str(uuid.uuid4())})


DEEDS = {"ask": ask, "buy": tasks.buy_number, "poll": lambda _: tasks.poll_due()}

if __name__ == "__main__":
    DEEDS[sys.argv[1]](int(sys.argv[2]))
