"""A simulated LegitSMS server with the same HTTP API, to try and test the desk without spending money.

    python -m legitsms.sandbox --port 8100 [--host 127.0.0.1] [--speed 1] [--state FILE]

    with Sandbox(speed=60) as sandbox:
        sandbox.fault("getNumber", "drop_after")
        Client(sandbox.url, "any key").get_number(...)
        assert len(sandbox.ledger()["orders"]) == 1

/api/handler/ is the API. /sandbox/ takes control calls in JSON; README.md in this directory lists them.
"""

from legitsms.sandbox.in_process import Sandbox

__all__ = ["Sandbox"]
