"""Every address, with what none of them was made for: what a database may answer in its own way."""

import pytest

from tests.walk.routes import METHODS, ready, routes
from tests.walk.visitors import Visitor
from tests.walk.world import HOSTILE, field_names, strange

pytestmark = pytest.mark.django_db
ROUTES = routes()


@pytest.mark.parametrize("who", [Visitor.BUYER, Visitor.ADMINISTRATOR])
def test_what_no_address_was_made_for_is_a_page_that_is_not_there(world, who):
    paths = [(route, value) for route in ROUTES if route.parameters for value in strange()]
    chosen = [(route, value) for route, value in paths if not route.is_of_admin or who is Visitor.ADMINISTRATOR]
    answers = [(route.name, value, world.ask(who, "get", route.at(value)).status_code) for route, value in chosen]
    assert [answer for answer in answers if answer[2] >= 500] == []


def test_fields_that_nobody_could_have_filled_in_so_break_nothing(world):
    names = field_names()
    answers = [
        (route.name, str(value)[:20], world.ask(Visitor.ADMINISTRATOR, method, path, dict.fromkeys(names, value)))
        for route in ready(ROUTES)
        for path in [route.at(world.mine(route, Visitor.ADMINISTRATOR))]
        for value in (HOSTILE[5:7] if route.is_of_admin else HOSTILE)
        for method in METHODS
    ]
    assert [(name, value) for name, value, answer in answers if answer.status_code >= 500] == []
