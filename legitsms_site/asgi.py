"""One ASGI application: the live stream goes to its own small application, everything else to Django's WSGI.

Django's own ASGI handler gave half of the requests a second for synchronous pages, and its streams held a thread each.
"""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

django: Any = get_wsgi_application()
pages: Any = WSGIMiddleware(django, workers=10)

import legitsms_site.urls  # noqa: E402, F401  every page's code, before the first request
from orders import live  # noqa: E402  models can be imported only after the application is set up

gc.collect()
gc.freeze()  # what stays for ever is looked at no more: a full collection cost one page in fifty 100 ms


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live.lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events/":
        await live.events(scope, receive, send)
    else:
        await pages(without_doubles(scope), receive, send)


def without_doubles(scope: dict[str, Any]) -> dict[str, Any]:
    """WSGI cannot tell X_Forwarded_For, which anyone may send through a proxy, from the proxy's own X-Forwarded-For."""
    if scope["type"] != "http":
        return scope
    return scope | {"headers": [(name, text) for name, text in scope["headers"] if b"_" not in name]}
