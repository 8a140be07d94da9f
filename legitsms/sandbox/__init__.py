"""A LegitSMS of our own that speaks the same HTTP, so that the desk can be tried and tested without spending money.

    python -m legitsms.sandbox --port 8100 [--host 127.0.0.1] [--speed 1] [--state FILE]

    with Sandbox(speed=60) as sandbox:
        sandbox.fault("getNumber", "drop_after")
        Client(sandbox.url, "any key").get_number(...)
        assert len(sandbox.ledger()["orders"]) == 1

/api/handler/ is the protocol. /sandbox/ takes control calls, JSON both ways; README.md beside this file lists them.
"""

from legitsms.sandbox.in_process import Sandbox

__all__ = ["Sandbox"]
