"""Every address, as everybody, with everything that may stand in it. A new view is found by itself."""

import pytest
from django.urls import reverse

from team.models import Policy
from tests.walk.routes import METHODS, ready, routes
from tests.walk.visitors import ADMINISTER, ANYBODY, BUY, SEE_CODES, STAFF, Visitor, need_of
from tests.walk.world import CODE, KEY

pytestmark = pytest.mark.django_db
ROUTES = routes()
OURS = [route for route in ROUTES if need_of(route) not in {ANYBODY, None} and not route.is_of_admin]
ORDERS = [route for route in OURS if route.name.startswith("orders:") and ("int", "pk") in route.parameters]
READY = ready(ROUTES)


def goes_to_the_sign_in(response):
    away = response.headers.get("HX-Redirect") or response.headers.get("Location", "")
    return away.startswith(reverse("account_login"))


def is_right(response, who, need):
    """Whether this is what somebody like that should be answered by a page that wants `need`."""
    if response.status_code >= 500:
        return False
    if need in {ANYBODY, STAFF}:  # Django's and allauth's own pages say no in many ways
        return who.may(need) or response.status_code != 200
    if who.may(need):
        return response.status_code != 403 and not goes_to_the_sign_in(response)
    if not who.is_signed_in:
        return goes_to_the_sign_in(response)
    return response.status_code in {403, 404, 405} or "HX-Redirect" in response.headers


def secrets_in(response, who):
    """What stands in the answer, and this visitor must not see."""
    text = b"".join(response.streaming_content) if response.streaming else response.content
    hidden = {KEY.encode()} if who.may(SEE_CODES) else {KEY.encode(), CODE.encode()}
    return {secret for secret in hidden if secret in text}


def wrong(answers, who):
    """Those answers that somebody like that should not have been given."""
    return [
        (route.name, method, response.status_code)
        for route, method, response in answers
        if not is_right(response, who, need_of(route)) or secrets_in(response, who)
    ]


def walk(world, who, known, methods=METHODS, **extra):
    """Each address with what is the visitor's own in it, as (route, method, answer)."""
    for route in known:
        for method in methods:
            yield route, method, world.ask(who, method, route.at(world.mine(route, who)), **extra)


def test_every_address_says_what_it_wants():
    assert [route.name for route in ROUTES if need_of(route) is None] == []


@pytest.mark.parametrize("who", Visitor)
def test_everybody_gets_what_their_role_allows_and_no_secret(world, who):
    assert wrong(walk(world, who, READY), who) == []


@pytest.mark.parametrize("who", Visitor)
def test_asked_as_htmx_asks_everybody_gets_the_same(world, who):
    assert wrong(walk(world, who, OURS, headers={"HX-Request": "true"}), who) == []


@pytest.mark.parametrize("who", Visitor)
def test_who_may_not_changes_nothing(world, who):
    forbidden = [route for route in ROUTES if not who.may(need_of(route))]
    assert [route.name for route, _, answer in walk(world, who, forbidden, ["post"]) if answer.changed] == []


@pytest.mark.parametrize("who", [Visitor.VIEWER, Visitor.BUYER, Visitor.ADMINISTRATOR])
def test_looking_changes_nothing(world, who):
    assert [route.name for route, _, answer in walk(world, who, ROUTES, ["get"]) if answer.changed] == []


def test_an_administrator_finds_every_page(world):
    """The walk reaches the views themselves, and not only their doors."""
    answers = walk(world, Visitor.ADMINISTRATOR, OURS, ["get"])
    unreached = {route.name for route, _, answer in answers if answer.status_code not in {200, 204, 302, 400, 405}}
    assert unreached <= {"team:session_end"}


def test_without_its_token_nothing_is_posted(world):
    answers = walk(world, Visitor.ADMINISTRATOR, ROUTES, ["post"], enforce_csrf_checks=True)
    assert [route.name for route, _, answer in answers if answer.status_code != 403 or answer.changed] == []


def test_orders_of_others_are_like_none_at_all_to_a_buyer_of_their_own(world):
    Policy.objects.update(buyers_act_on=Policy.Reach.OWN)
    bought = [route for route in ORDERS if need_of(route) == BUY]
    for route in bought:
        others = world.ask(Visitor.BUYER, "post", route.at(world.others.pk))
        nobodys = world.ask(Visitor.BUYER, "post", route.at(10**6))
        assert (others.status_code, others.content) == (nobodys.status_code, nobodys.content), route.name


def test_no_address_answers_what_it_was_not_made_for(world):
    """TRACE and made-up methods."""
    answers = [
        (route.name, world.ask(Visitor.ADMINISTRATOR, "trace", route.at(world.mine(route, Visitor.ADMINISTRATOR))))
        for route in OURS
    ]
    assert [name for name, answer in answers if answer.status_code != 405] == []


def test_the_walk_would_see_a_code(world):
    [order] = [route for route in ROUTES if route.name == "orders:detail"]
    answer = world.ask(Visitor.BUYER, "get", order.at(world.others.pk))
    assert (secrets_in(answer, Visitor.BUYER), secrets_in(answer, Visitor.VIEWER)) == (set(), {CODE.encode()})


def test_the_walk_would_see_a_right_that_nobody_asked_for(world):
    [diagnostics] = [route for route in ROUTES if route.name == "diagnostics"]
    answer = world.ask(Visitor.ADMINISTRATOR, "get", diagnostics.address)
    assert not is_right(answer, Visitor.BUYER, ADMINISTER)
