"""Messages that no worker can make sense of, as a broker may hold them after an upgrade, a fault or a prank."""

import base64
import json
import uuid


def envelope(task: str, body: str, kind: str = "application/json") -> str:
    """A message as Celery writes them."""
    name = str(uuid.uuid4())
    properties = {
        "correlation_id": name,
        "delivery_mode": 2,
        "delivery_info": {"exchange": "", "routing_key": "purchasing"},
        "priority": 0,
        "body_encoding": "base64",
        "delivery_tag": str(uuid.uuid4()),
    }
    headers = {"lang": "py", "task": task, "id": name, "root_id": name, "argsrepr": "", "kwargsrepr": "", "retries": 0}
    content = {"content-encoding": "utf-8", "content-type": kind, "headers": headers, "properties": properties}
    return json.dumps(content | {"body": base64.b64encode(body.encode()).decode()})


def poisons() -> list[str]:
    call = json.dumps([[1, 2, 3], {"old": "argument"}, {}])
    return [
        envelope("orders.buy_number", call),  # arguments of another version
        envelope("orders.buy_number", json.dumps([["not a number"], {}, {}])),
        envelope("orders.buy_number", json.dumps([[10**9], {}, {}])),  # an order that there is not
        envelope("orders.unheard_of", call),
        envelope("orders.buy_number", "{"),
        envelope("orders.buy_number", "\x80\x04", "application/x-python-serialize"),
        envelope("orders.buy_number", json.dumps("no call at all")),
        envelope("orders.buy_number", json.dumps([1, 2, 3, 4, 5])),
        envelope("orders.buy_number", json.dumps({"a": 1})),
        envelope("orders.buy_number", "5"),
        envelope("orders.buy_number", "null"),
        envelope("orders.buy_number", json.dumps([None, None, None])),
    ]
