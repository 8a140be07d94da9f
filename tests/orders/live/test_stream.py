import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.db import OperationalError, connection

from orders.live import asgi, authentication, hub
from orders.live.hub import BACKLOG, END, FETCH_BOARD, HEARTBEAT, SIGNED_OUT, Hub, Stream, message
from orders.permissions import Viewer
from team.models import Policy, User
from team.roles import Role
from tests.conftest import signed_in
from tests.factories import make_administrator, make_user

pytestmark = pytest.mark.django_db(transaction=True)

HUB_ENDS = b""


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
def test_a_line_of_a_code_is_no_line_of_the_stream(end):
    said = message("card", f"<bdi>1{end}event: signed-out{end}{end}data: 2</bdi>").decode()
    assert said.split("\n") == [
        "event: card",
        "data: <bdi>1",
        "data: event: signed-out",
        "data: ",
        "data: data: 2</bdi>",
        "",
        "",
    ]


def test_what_is_no_end_of_a_line_in_the_stream_stays_in_the_code():
    signs = "\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
    assert message("card", signs).decode() == f"event: card\ndata: {signs}\n\n"


class Visit:
    """One browser's connection to `/events/`, driven by hand."""

    def __init__(self, cookie="", host="localhost"):
        headers = [(b"host", host.encode()), (b"cookie", cookie.encode())]
        self.scope = {"type": "http", "path": "/events/", "headers": headers}
        self.comes, self.sent = asyncio.Queue(), asyncio.Queue()

    async def next(self):
        """What the browser gets next: the status of the answer, then the pieces of its body."""
        piece = await asyncio.wait_for(self.sent.get(), 5)
        return piece.get("body", piece.get("status"))

    async def read(self, pieces):
        return [await self.next() for _ in range(pieces)]

    async def until(self, wanted):
        """Read on until `wanted` comes, which is soon."""
        async with asyncio.timeout(5):
            while (piece := await self.next()) != wanted:
                pass
        return piece


@asynccontextmanager
async def visiting(cookie="", host="localhost"):
    visit = Visit(cookie, host)
    visit.task = asyncio.create_task(asgi.events(visit.scope, visit.comes.get, visit.sent.put))
    yield visit
    visit.comes.put_nowait({"type": "http.disconnect"})
    await asyncio.wait_for(visit.task, 5)


@pytest.fixture
def cookie(member):
    browser = signed_in(member)
    return f"{django_settings.SESSION_COOKIE_NAME}={browser.cookies[django_settings.SESSION_COOKIE_NAME].value}"


@pytest.fixture
def quick_heartbeat(monkeypatch):
    monkeypatch.setattr(asgi, "HEARTBEAT_EVERY", 0.05)


async def first_pieces(pieces, **visit):
    async with visiting(**visit) as browser:
        return await browser.read(pieces)


# --- Who may watch


@pytest.mark.parametrize("host", ["evil.example", "", "localhost.evil.example", "localhost@evil", "lo calhost"])
def test_a_host_that_is_not_ours_is_refused(cookie, host):
    assert asyncio.run(first_pieces(2, cookie=cookie, host=host)) == [400, b"unknown host"]


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000"])
def test_our_own_host_is_let_in(cookie, host):
    assert asyncio.run(first_pieces(3, cookie=cookie, host=host)) == [200, HEARTBEAT, FETCH_BOARD]


@pytest.mark.parametrize("cookies", ["", "session=", "session=nonsense", "nonsense", 'session="\\', "session=\xe4"])
def test_who_has_no_session_is_told_to_sign_in(db, cookies):
    assert asyncio.run(first_pieces(2, cookie=cookies)) == [200, SIGNED_OUT]


@pytest.mark.parametrize("others", ['prefs={"a": [1]}; ', "a[b]=c; ", "just words; ", "=; "])
def test_the_cookies_of_other_applications_on_this_host_do_not_matter(cookie, others):
    assert asyncio.run(first_pieces(2, cookie=others + cookie)) == [200, HEARTBEAT]


def test_who_was_deactivated_is_told_to_sign_in(cookie):
    User.objects.update(is_active=False)
    assert asyncio.run(first_pieces(2, cookie=cookie)) == [200, SIGNED_OUT]


def test_who_changed_the_password_elsewhere_is_told_to_sign_in(cookie, member):
    member.set_password("another password")
    member.save()
    assert asyncio.run(first_pieces(2, cookie=cookie)) == [200, SIGNED_OUT]


def test_a_stream_is_neither_stored_nor_held_back_by_proxies(cookie):
    async def headers():
        visit = Visit(cookie)
        visit.comes.put_nowait({"type": "http.disconnect"})
        await asgi.events(visit.scope, visit.comes.get, visit.sent.put)
        return dict((await visit.sent.get())["headers"])

    said = asyncio.run(headers())
    assert said[b"content-type"] == b"text/event-stream"
    assert (said[b"cache-control"], said[b"x-accel-buffering"]) == (b"no-cache, no-store", b"no")
    assert b"script-src 'self'" in said[b"content-security-policy"]
    assert {name.lower().encode() for name in django_settings.SECURITY_HEADERS} <= said.keys()


# --- What a viewer gets


def test_a_viewer_fetches_the_board_first_and_then_gets_what_is_told(cookie):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            hub.hub.send(b"a card")
            return await browser.next()

    assert asyncio.run(story()) == b"a card"


def test_every_viewer_gets_the_same(cookie):
    async def story():
        async with visiting(cookie) as one, visiting(cookie) as other:
            await asyncio.gather(one.read(3), other.read(3))
            hub.hub.send(b"a card")
            return await asyncio.gather(one.next(), other.next())

    assert asyncio.run(story()) == [b"a card", b"a card"]


def test_who_has_gone_is_forgotten(cookie):
    asyncio.run(first_pieces(3, cookie=cookie))
    assert hub.hub.streams == set()


def test_a_quiet_stream_says_that_it_is_still_here(cookie, quick_heartbeat):
    assert asyncio.run(first_pieces(4, cookie=cookie))[3] == HEARTBEAT


def test_the_end_of_a_session_ends_the_stream_at_the_next_heartbeat(cookie, quick_heartbeat):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            await asyncio.to_thread(deactivate_everyone)
            return [await browser.until(SIGNED_OUT), await browser.next()]

    assert asyncio.run(story()) == [SIGNED_OUT, HUB_ENDS]


def test_a_stream_ends_in_order_while_the_database_is_away(cookie, monkeypatch, caplog):
    def away(_headers):
        raise OperationalError("the database went away")

    monkeypatch.setattr(authentication, "viewer", away)
    assert asyncio.run(first_pieces(2, cookie=cookie)) == [200, HUB_ENDS]
    assert "the database does not answer" in caplog.text


def test_a_busy_stream_ends_with_its_session_too(cookie, quick_heartbeat):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            talk = asyncio.create_task(talking())
            await asyncio.to_thread(deactivate_everyone)
            said = await browser.until(SIGNED_OUT)
            talk.cancel()
            return said

    assert asyncio.run(story()) == SIGNED_OUT


def deactivate_everyone():
    from django.db import connection

    User.objects.update(is_active=False)
    connection.close()


async def talking():
    while True:
        hub.hub.send(b"a card")
        await asyncio.sleep(0.001)


def test_a_viewer_who_is_too_far_behind_is_let_go():
    async def story():
        viewer = Stream()
        [viewer.send(b"a card") for _ in range(BACKLOG + 1)]
        return viewer.queue.get_nowait(), viewer.queue.empty()

    assert asyncio.run(story()) == (END, True)


def test_all_streams_end_with_the_server(cookie):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            await hub.hub.close()
            return await browser.next()

    assert asyncio.run(story()) == HUB_ENDS


# --- To each their own card


def a_card(owner=0, **cards):
    return {"event": "card", "order": 1, "owner": owner, "is_unclear": False, "has_codes": True, "cards": cards}


def cookie_of(user):
    name = django_settings.SESSION_COOKIE_NAME
    return f"{name}={signed_in(user).cookies[name].value}"


async def seen_by(*cookies, news):
    """What each of these browsers gets when the hub hears `news`."""
    async with AsyncExitStack() as stack:
        browsers = [await stack.enter_async_context(visiting(cookie)) for cookie in cookies]
        await asyncio.gather(*(browser.read(3) for browser in browsers))
        hub.hub.dispatch(news)
        return [await browser.next() for browser in browsers]


def test_each_viewer_gets_the_card_of_what_they_may(member, viewer):
    news = a_card(**{"acts codes": "for buyers", "view": "for viewers"})
    got = asyncio.run(seen_by(cookie_of(member), cookie_of(viewer), cookie_of(make_administrator()), news=news))
    assert got == [message("card", text) for text in ("for buyers", "for viewers", "for buyers")]


def test_where_buyers_act_on_their_own_each_owner_gets_another_card(member, colleague):
    Policy.current()
    Policy.objects.update(buyers_act_on="own")
    news = a_card(member.pk, **{"acts codes": "for the owner", "codes": "for the others"})
    got = asyncio.run(seen_by(cookie_of(member), cookie_of(colleague), news=news))
    assert got == [message("card", text) for text in ("for the owner", "for the others")]


def test_an_audience_gets_the_very_same_bytes(member, colleague):
    one, other = asyncio.run(seen_by(cookie_of(member), cookie_of(colleague), news=a_card(**{"acts codes": "a card"})))
    assert one is other


def test_who_has_no_role_watches_nothing(db):
    assert asyncio.run(first_pieces(2, cookie=cookie_of(make_user(role=None)))) == [200, SIGNED_OUT]


def in_thread(step, *given):
    """`step`, from another thread with a database connection of its own."""

    def run():
        step(*given)
        connection.close()

    return asyncio.to_thread(run)


@pytest.mark.parametrize("leave", [User.deactivate, User.end_sessions, partial(User.change_role, role=Role.VIEWER)])
def test_who_is_deactivated_signed_out_or_given_another_role_watches_no_longer(member, told, leave):
    async def story(cookie):
        async with visiting(cookie) as browser:
            await browser.read(3)
            await in_thread(leave, member)
            [hub.hub.dispatch(news) for news in told]
            hub.hub.dispatch(a_card(**{"acts codes": "a code"}))
            return await browser.read(2)

    assert asyncio.run(story(cookie_of(member))) == [SIGNED_OUT, HUB_ENDS]


def test_news_about_one_member_disturb_nobody_else(member, colleague):
    async def story():
        async with visiting(cookie_of_colleague) as browser:
            await browser.read(3)
            hub.hub.dispatch({"event": "permissions", "member": member.pk})
            hub.hub.dispatch(a_card(**{"acts codes": "a card"}))
            return await browser.next()

    cookie_of_colleague = cookie_of(colleague)
    assert asyncio.run(story()) == message("card", "a card")


def take_codes_from_buyers():
    Group.objects.get(name=Role.BUYER).permissions.clear()


def test_who_may_see_less_gets_masked_cards_from_the_next_heartbeat_on(cookie, quick_heartbeat):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            await in_thread(take_codes_from_buyers)
            await browser.until(FETCH_BOARD)
            hub.hub.dispatch(a_card(**{"acts codes": "a code", "view": "a mask"}))
            return await browser.until(message("card", "a mask"))

    assert asyncio.run(story())


def test_what_still_lay_there_when_rights_changed_is_not_sent(cookie):
    async def story():
        async with visiting(cookie) as browser:
            await browser.read(3)
            hub.hub.dispatch(a_card(**{"acts codes": "a code"}))
            hub.hub.dispatch({"event": "permissions", "member": None})
            return await browser.read(2)

    assert asyncio.run(story()) == [HEARTBEAT, FETCH_BOARD]


def test_rights_that_change_while_they_are_looked_up_are_looked_up_again(monkeypatch, cookie, member):
    looked = []

    def look(headers):
        looked.append(right := Viewer.of(User.objects.get(pk=member.pk)))
        connection.close()
        [viewer.recheck() for viewer in hub.hub.streams if len(looked) == 1]
        return right

    monkeypatch.setattr(authentication, "viewer", look)
    assert asyncio.run(first_pieces(2, cookie=cookie)) == [200, HEARTBEAT]
    assert len(looked) >= 2


def test_who_has_gone_is_gone_whatever_the_news():
    async def story():
        viewer = Stream()
        viewer.send(END)
        viewer.recheck()
        return viewer.queue.get_nowait()

    assert asyncio.run(story()) == END


# --- The hub


def test_the_server_opens_and_closes_the_hub():
    async def story():
        comes, sent = asyncio.Queue(), asyncio.Queue()
        comes.put_nowait({"type": "lifespan.startup"})
        comes.put_nowait({"type": "lifespan.shutdown"})
        await asyncio.wait_for(asgi.lifespan(comes.get, sent.put), 5)
        return [sent.get_nowait()["type"] for _ in range(sent.qsize())], hub.hub.subscription.done()

    assert asyncio.run(story()) == (["lifespan.startup.complete", "lifespan.shutdown.complete"], True)


@pytest.mark.parametrize("fault", [hub.RedisError(), OSError(), ValueError("nonsense in the channel")])
def test_the_hub_listens_again_after_any_fault(monkeypatch, fault):
    async def story():
        hub, again = Hub(), asyncio.Event()
        faults = [fault]

        async def dispatch_published():
            if faults:
                raise faults.pop()
            again.set()
            await asyncio.Event().wait()

        hub.dispatch_published = dispatch_published
        hub.open()
        await asyncio.wait_for(again.wait(), 5)
        await hub.close()
        return True

    monkeypatch.setattr(hub, "RECONNECT_AFTER", 0)
    assert asyncio.run(story())


# --- The bytes


def test_every_line_of_a_card_is_a_line_of_its_event():
    assert message("card", "<article>\n</article>") == b"event: card\ndata: <article>\ndata: </article>\n\n"


def test_an_event_without_text_is_still_an_event():
    assert message("board") == b"event: board\ndata: \n\n"


@pytest.mark.parametrize("line_end", ["\n", "\r", "\r\n", "\u2028", "\x0b", "\x1c", "\x85"])
def test_no_line_end_in_what_strangers_wrote_begins_an_event(line_end):
    told = message("card", f"a{line_end}{line_end}event: signed-out{line_end}{line_end}b")
    assert b"\nevent: signed-out" not in told.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    assert told.count(b"\n\n") == 1


def test_letters_of_any_alphabet_survive():
    assert message("card", "код ☎") == "event: card\ndata: код ☎\n\n".encode()
