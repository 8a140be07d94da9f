"""The worst that strangers may write, in a real browser: as a message that arrives, and as names."""

import pytest
from playwright.sync_api import expect

from tests.payloads import WORST
from tests.stack.test_two_members import buy, newest_order

MESSAGE = "".join(WORST)
NAMES = f"""
from django.utils import timezone
from catalog.models import Brand, Listing, Service
from orders.models import Order
for number, name in enumerate({WORST!r}):
    service = Service.objects.create(upstream="sandbox", server=1, code=f"worst{{number}}", name=f"worst {{name}}")
    service.brands.add(Brand.objects.create(key=f"worst{{number}}", name=f"worst {{name}}"))
Listing.objects.filter(kind="services", server=1).update(changed_at=timezone.now())
order = Order.objects.latest("pk")
order.events.create(what="answer", source="waiting", target="waiting", detail={MESSAGE!r}[:300])
Order.objects.filter(pk=order.pk).update(service_name={MESSAGE!r}, country_name={MESSAGE!r}, note={MESSAGE!r})
print(order.pk)
"""
CLEAR = """
from django.utils import timezone
from catalog.models import Brand, Service
from orders.models import Order
Service.objects.filter(code__startswith="worst").delete()
Brand.objects.filter(key__startswith="worst").delete()
ended = {"status": "finished", "ended_at": timezone.now(), "hidden_at": timezone.now(), "next_poll_at": None}
Order.objects.filter(note__contains="<script>").update(**ended)
"""
FROM_STRANGERS = """() => [...document.querySelectorAll("*")].filter((node) =>
    [...node.attributes].some(({name, value}) => /^(data-)?hx-|^on|^style$/.test(name) && /evil|alert/.test(value))
).map((node) => node.outerHTML.slice(0, 200))"""


@pytest.fixture
def named_by_strangers(desk):
    """Give the newest order, and twenty services, the worst names; returns the order's number."""
    yield lambda: desk.manage("shell", "-v0", "-c", NAMES).strip()
    desk.manage("shell", "-v0", "-c", CLEAR)


def test_the_worst_payloads_run_nothing_ask_nobody_and_break_nothing(desk, sit, named_by_strangers):
    ana = sit("ana")
    page, asked, dialogs = ana.page, [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    buy(page, "Sandbox: never delivers")
    expect(page.get_by_role("article").first).to_contain_text("Waiting")
    desk.control("deliver", id=newest_order(desk), text=MESSAGE)
    expect(page.get_by_role("article").first).to_contain_text("<script>alert(1)</script>")
    strangers = page.evaluate(FROM_STRANGERS)
    order = named_by_strangers()
    for path in (
        "/",
        f"/orders/{order}/",
        f"/orders/{order}/cancel/",
        "/history/",
        "/catalog/",
        "/buy/?service=worst0&country=us",
    ):
        page.goto(f"{ana.url}{path}")
        expect(page.locator("main")).to_be_visible()
        strangers += page.evaluate(FROM_STRANGERS)
    page.get_by_role("combobox", name="Service").fill("worst")
    page.get_by_role("option", name="worst <script>").first.click()
    strangers += page.evaluate(FROM_STRANGERS)
    assert (strangers, dialogs, [url for url in asked if not url.startswith(ana.url)]) == ([], [], [])
