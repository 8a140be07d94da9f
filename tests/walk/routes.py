"""Every address that the URLconf knows, found by walking it, so that a new view cannot be forgotten."""

import re
from dataclasses import dataclass

from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, get_resolver
from django.urls.resolvers import RegexPattern

METHODS = ("get", "post")
PARAMETER = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True, slots=True)
class Route:
    """One view: its name with its namespaces, and its address with `<converter:name>` where something is filled in."""

    name: str
    address: str

    @property
    def parameters(self):
        return [(converter or "str", name) for converter, name in PARAMETER.findall(self.address)]

    @property
    def is_of_admin(self):
        return self.name.startswith("admin:")

    def at(self, value):
        """The path with `value` in every place that is open."""
        return PARAMETER.sub(lambda _: str(value), self.address)


def routes():
    return sorted(set(_walk(get_resolver().url_patterns, "/", "")), key=lambda route: (route.name, route.address))


def ready(known):
    """Those that are there to answer well: /readyz says 503 where no worker lives."""
    return [route for route in known if not route.name.endswith("readyz")]


def _walk(patterns, prefix, space):
    for known in patterns:
        address = prefix + _plain(known.pattern)
        if isinstance(known, URLPattern):
            yield Route(f"{space}{known.name or _module(known)}", address)
        else:
            inner = f"{space}{known.namespace}:" if known.namespace else space
            yield from _walk(known.url_patterns, address, inner)


def _plain(pattern):
    if isinstance(pattern, RegexPattern):
        return simplify_regex(pattern.regex.pattern).lstrip("/")
    return str(pattern)


def _module(known):
    return f"{known.callback.__module__}.{known.callback.__name__}"
