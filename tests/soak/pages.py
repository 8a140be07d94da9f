"""Every page that can be reached by links from the board and the administration, and the live stream's beginning."""

import re
from collections.abc import Iterator
from contextlib import suppress
from urllib.parse import urlsplit

import requests

from tests.stack.desk import Member

BEGINNINGS = ("/", "/buy/", "/catalog/", "/admin/", "/readyz", "/no-such-page/", "/orders/999999999/")
LINK = re.compile(r'(?:href|hx-get)="(/[^"#]*)"')
LEAVE_ALONE = re.compile(r"^/static/|logout")
ADMINISTRATION = (
    "/admin/team/user/1/change/",
    "/admin/provider/apikey/1/change/",
    "/admin/orders/order/",
    "/admin/team/user/",
)
MOST, MOST_ALIKE = 150, 4  # pages a member; of those that differ only in a number


def walk(member: Member) -> Iterator[tuple[str, bytes]]:
    """Each page with its headers, as text that can be searched; named for where it was in the end."""
    member.prove()
    ahead = [*ADMINISTRATION, *BEGINNINGS]
    seen, alike = set(ahead), {}
    walked = 0
    while ahead and walked < MOST:
        path, walked = ahead.pop(0), walked + 1
        answer = member.get(path)
        yield f"page {answer.status_code} {urlsplit(answer.url).path}", repr(answer.headers).encode() + answer.content
        for link in LINK.findall(answer.text.replace("&amp;", "&")):
            kind = re.sub(r"\d+|[0-9a-f-]{36}", "N", link)
            alike[kind] = alike.get(kind, 0) + (link not in seen)
            if link not in seen and alike[kind] <= MOST_ALIKE and not LEAVE_ALONE.search(link):
                seen.add(link)
                ahead.append(link)
    yield "the live stream", stream(member)


def stream(member: Member) -> bytes:
    """What the stream says in its first seconds."""
    heard = b""
    with (
        suppress(requests.RequestException),
        member.http.get(f"{member.url}/events/", stream=True, timeout=4) as answer,
    ):
        for piece in answer.iter_content(None):
            heard += piece
    return heard
