"""One catalogue over three servers, in a real browser: found by keyboard alone, switched, and dearer than before."""

import json
import re

from playwright.sync_api import expect

from tests.stack.desk import eventually
from tests.stack.test_two_members import buy, look_for

PRICE = re.compile(r"\$(\d+\.\d\d)")


def test_the_keyboard_alone_leads_from_an_empty_box_to_a_bought_number(desk, sit):
    ana = sit("ana")
    press, write = ana.page.keyboard.press, ana.page.keyboard.type
    press("b")
    expect(ana.page.get_by_role("combobox", name="Service")).to_be_focused()
    write("code in 10")
    expect(ana.page.get_by_role("option", name="Sandbox: code in 10 s")).to_be_visible()
    press("ArrowDown")
    press("Enter")
    expect(ana.page.get_by_role("combobox", name="Country")).to_be_focused()
    write("usa")
    expect(ana.page.get_by_role("option", name=re.compile("^USA")).first).to_be_visible()
    press("ArrowDown")
    press("Enter")
    expect(ana.page.get_by_role("radio", name=re.compile("^Server 1")).first).to_be_visible()
    press("Enter")
    dialog = ana.page.get_by_role("dialog", name="Buy 1 number")
    expect(dialog.get_by_role("spinbutton", name="Quantity")).to_be_focused()
    press("Enter")
    bought = ana.page.get_by_role("article").filter(has_text="Sandbox: code in 10 s").first
    expect(bought).to_contain_text(re.compile("Waiting|Code received"))  # ten seconds are less than one here


def test_service_and_country_can_be_typed_in_one_go(desk, sit):
    ana = sit("ana")
    ana.page.goto(f"{desk.url}/buy/")
    ana.page.get_by_role("combobox", name="Service").press_sequentially("whatsap usa")
    ana.page.get_by_role("option", name=re.compile("WhatsApp.*USA")).first.click()
    expect(ana.page.get_by_role("combobox", name="Country")).to_have_value("USA")
    expect(ana.page.get_by_role("radio", name=re.compile("^Server 3"))).to_be_visible()


def test_what_is_typed_before_the_scripts_are_here_is_searched(desk, sit):
    page, held = sit("ana").page, []
    page.route("**/desk/js/combobox*", lambda route: held.append(route))  # noqa: PLW0108  it wants a function of Python
    with page.expect_request("**/desk/js/combobox*"):
        page.goto(f"{desk.url}/buy/", wait_until="commit")
    page.get_by_role("combobox", name="Service").fill("whatsapp")
    held[0].continue_()
    expect(page.get_by_role("option", name="WhatsApp").first).to_be_visible()


def test_enter_takes_nothing_from_a_list_that_answers_less_than_was_typed(desk, sit):
    page, held = sit("ana").page, []
    page.goto(f"{desk.url}/buy/")
    box, earlier = page.get_by_role("combobox", name="Service"), re.compile("service_text=ne(&|$)")
    page.route(earlier, lambda route: held.append(route), times=1)  # noqa: PLW0108  it wants a function of Python
    with page.expect_request(earlier):
        box.press_sequentially("ne")
    box.evaluate("box => { box.value = 'never'; }")  # typed on, and the search for it has not begun
    held[0].continue_()
    expect(page.get_by_role("option").first).to_be_visible()
    box.press("Enter")
    expect(box).to_have_value("Sandbox: never delivers")


def test_a_waiting_order_is_switched_to_another_server(desk, sit):
    ana = sit("ana")
    old = buy(ana.page, "Sandbox: never delivers")
    number = old.get_attribute("id")
    old.get_by_role("button", name="Switch server…").click()
    dialog = ana.page.get_by_role("dialog", name=re.compile("^Switch Sandbox: never delivers"))
    expect(dialog.get_by_role("checkbox", name=re.compile("^Cancel the number on server 1"))).to_be_checked()
    dialog.get_by_role("radio", name=re.compile("^Server 2")).first.check()
    dialog.get_by_role("button", name="Buy on server 2").click()
    new = ana.page.get_by_role("article").first
    expect(new).to_contain_text("Server 2")
    expect(new).to_contain_text("Waiting")
    expect(new.get_by_role("link", name=re.compile("^Replaces"))).to_be_visible()
    replaced = ana.page.locator(f"#{number}")
    expect(replaced).to_contain_text(re.compile("Cancel planned|Cancelling|Cancelled"))
    expect(replaced.get_by_role("link", name=re.compile("^Replaced by"))).to_be_visible()
    expect(replaced).to_contain_text("Cancelled, refunded", timeout=30_000)


def test_a_price_that_rose_since_the_dialog_opened_asks_again(desk, sit):
    ana = sit("ana")
    look_for(ana.page, "WhatsApp", "Netherlands")
    ana.page.get_by_role("radio", name=re.compile("^Server 3")).first.check()
    ana.page.get_by_role("button", name="Review purchase").click()
    dialog = ana.page.get_by_role("dialog", name="Buy 1 number")
    was = PRICE.search(dialog.inner_text())[1]
    dearer = {"whatsapp": {"Category": "activation", "Qty": 7, "Price": float(was) + 1}}
    desk.control(
        "fault", action="getServices", fault="reply", text=json.dumps(dearer), where={"country": "netherlands"}
    )
    desk.manage("shell", "-v0", "-c", SHRINKS)
    desk.manage("refresh_catalog", "--server", "3", "--countries")
    bought = len(desk.ledger()["purchases"])
    dialog.get_by_role("button", name=re.compile("^Buy 1 number")).click()
    dialog = ana.page.get_by_role("dialog")
    expect(dialog).to_contain_text(f"The price rose from ${was} to ${float(was) + 1:.2f}")
    assert len(desk.ledger()["purchases"]) == bought
    dialog.get_by_role("button", name=re.compile("^Buy 1 number")).click()
    expect(ana.page.get_by_role("article").first).to_contain_text("Netherlands")


SHRINKS = "from catalog.models import Listing; Listing.objects.filter(country='netherlands').update(may_shrink=True)"


def test_a_failed_refresh_leaves_everything_buyable_and_says_how_old_it_is(desk, sit):
    ana = sit("ana")
    desk.control("fault", action="getServices", fault="status", status=503, text="<html>busy</html>", times=None)
    desk.manage("refresh_catalog", "--server", "1")
    ana.page.get_by_role("link", name="Catalogue").click()
    expect(ana.page.get_by_role("main")).to_contain_text("HTTP 503")
    card = buy(ana.page, "Sandbox: never delivers")
    expect(card).to_contain_text("Waiting")
    desk.control("clear")


def test_a_member_marks_a_favourite_and_finds_it_again(desk, sit):
    ana = sit("ana")
    look_for(ana.page, "Telegram", "Germany")
    ana.page.get_by_role("button", name=re.compile("favourite", re.IGNORECASE)).click()
    eventually(lambda: "Telegram" in desk.member("ana").get("/buy/").text)
    ana.page.goto(f"{desk.url}/buy/")
    ana.page.get_by_role("link", name=re.compile("Telegram.*Germany")).first.click()
    expect(ana.page.get_by_role("radio", name=re.compile("^Server 1")).first).to_be_visible()
