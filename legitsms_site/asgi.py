"""The ASGI application: `/events/` is served by `orders.live.asgi`, everything else by Django's WSGI application.

Measured: Django's ASGI handler served half as many synchronous pages a second, and each of its streams held a thread.
"""

import gc
import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "legitsms_site.settings")

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

wsgi_application: Any = get_wsgi_application()
pages: Any = WSGIMiddleware(wsgi_application, workers=10)

import legitsms_site.urls  # noqa: E402, F401  imports the code of every page before the first request
from orders.live import asgi as live  # noqa: E402  models can be imported only after the application is set up

gc.collect()
gc.freeze()  # excludes imported code from collections: a full one delayed one page in fifty by 100 ms


async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        await live.lifespan(receive, send)
    elif scope["type"] == "http" and scope["path"] == "/events/":
        await live.events(scope, receive, send)
    else:
        await pages(without_underscore_headers(scope), receive, send)


def without_underscore_headers(scope: dict[str, Any]) -> dict[str, Any]:
    """Drop headers with an underscore, since WSGI gives both spellings the same name.

    A client could otherwise replace the proxy's X-Forwarded-For by sending X_Forwarded_For.
    """
    if scope["type"] != "http":
        return scope
    return scope | {"headers": [(name, value) for name, value in scope["headers"] if b"_" not in name]}
