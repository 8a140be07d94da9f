"""The main job, by two members in two real browsers: what one does, the other sees without touching a thing."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.stack.desk import Desk, eventually

STAYED = "stayed"
BOARD = re.compile(r":\d+/$")


def look_for(page: Page, service: str, country: str) -> None:
    """Choose a service and a country on the Buy page."""
    page.get_by_role("link", name="Buy", exact=True).first.click()
    page.get_by_role("combobox", name="Service").fill(service)
    page.get_by_role("option", name=service).first.click()
    page.get_by_role("combobox", name="Country").fill(country)
    page.get_by_role("option", name=country).first.click()


def buy(page: Page, service: str, quantity: int = 1) -> Locator:
    """Buy on server 1 in the USA through the dialog. Returns the newest card of the board."""
    look_for(page, service, "USA")
    page.get_by_role("radio", name=re.compile("^Server 1")).first.check()
    page.get_by_role("spinbutton", name="Quantity").fill(str(quantity))
    page.get_by_role("button", name="Review purchase").click()
    numbers = "1 number" if quantity == 1 else f"{quantity} numbers"
    dialog = page.get_by_role("dialog", name=f"Buy {numbers}")
    expect(dialog).to_contain_text("Any (LegitSMS chooses)")
    dialog.get_by_role("button", name=f"Buy {numbers}").click()
    return page.get_by_role("article").first


def stay(page: Page) -> None:
    """Leave a mark that a reload would wipe out."""
    page.evaluate(f"window.mark = '{STAYED}'")


def assert_stayed(page: Page) -> None:
    assert page.evaluate("window.mark") == STAYED


def newest_order(desk: Desk) -> str:
    return str(max(desk.ledger()["orders"], key=lambda order: order["bought_at"])["id"])


def test_a_colleague_sees_a_purchase_become_a_number_and_a_code_without_reload(desk, sit):
    ana, ben = sit("ana"), sit("ben")
    stay(ben.page)
    desk.control("fault", action="getNumber", fault="delay", seconds=2)
    buy(ana.page, "Sandbox: never delivers")
    theirs = ben.page.get_by_role("article").first
    expect(theirs).to_contain_text("Buying…")
    expect(theirs).to_contain_text("Waiting")
    expect(theirs).to_contain_text(re.compile(r"\+1 \d{3}-\d{3}-\d{4}"))
    desk.control("deliver", id=newest_order(desk), text="889922")
    expect(theirs).to_contain_text("Code received")
    expect(theirs.get_by_text("889922")).to_be_visible()
    assert_stayed(ben.page)


def test_the_buyers_own_dialog_ends_on_the_new_card(desk, sit):
    ana = sit("ana")
    buy(ana.page, "Sandbox: never delivers", quantity=2)
    expect(ana.page.get_by_role("dialog")).to_be_hidden()
    expect(ana.page.get_by_role("status").filter(has_text="2 numbers bought.").first).to_be_visible()
    assert len(desk.ledger()["orders"]) == len(desk.ledger()["purchases"])


def test_the_code_is_copied_and_the_order_finished_on_both_screens(desk, sit):
    ana, ben = sit("ana", permissions=["clipboard-read"]), sit("ben")
    card = buy(ana.page, "Sandbox: code in 10 s")
    expect(card).to_contain_text("Code received")
    card.get_by_role("button", name="Copy code").click()
    expect(ana.page.get_by_role("status", name="Messages")).to_contain_text("Copied")
    code = card.locator(".code").inner_text()
    assert ana.page.evaluate("navigator.clipboard.readText()") == code
    expect(ben.page.get_by_role("article").first).to_contain_text("Ana copied the code")
    card.get_by_role("button", name="Done").click()
    expect(ben.page.get_by_role("article").first).to_contain_text("Finished")
    newest = max(desk.ledger()["orders"], key=lambda order: order["bought_at"])
    assert newest["status"] == "finished"


def test_copying_works_over_plain_http(desk, sit):
    ana = sit("ana", url=f"http://desk.test:{desk.port}")
    assert ana.page.evaluate("window.isSecureContext") is False
    card = buy(ana.page, "Sandbox: never delivers")
    expect(card).to_contain_text("Waiting")
    number = card.locator(".phone").inner_text()
    card.get_by_role("button", name="Copy", exact=True).click()
    expect(ana.page.get_by_role("status", name="Messages")).to_contain_text("Copied")
    find = ana.page.get_by_role("searchbox", name="Find")
    find.focus()
    ana.page.keyboard.press("Control+V")
    expect(find).to_have_value(number)


def test_a_cancel_pressed_early_fires_by_itself_when_it_is_allowed(desk, sit):
    ana, ben = sit("ana"), sit("ben")
    card = buy(ana.page, "Sandbox: never delivers")
    card.get_by_role("button", name=re.compile("^Cancel at")).click()
    dialog = ana.page.get_by_role("dialog", name="Cancel this order?")
    expect(dialog.get_by_role("button", name="Keep waiting")).to_be_focused()
    dialog.get_by_role("button", name=re.compile("^Cancel at .* for me$")).click()
    expect(card).to_contain_text("Cancel planned")
    theirs = ben.page.get_by_role("article").first
    expect(theirs).to_contain_text("Cancel planned")
    expect(theirs).to_contain_text("Cancelled, refunded")
    order = max(desk.ledger()["orders"], key=lambda order: order["bought_at"])
    assert (order["status"], order["is_refunded"]) == ("cancelled", True)


def test_a_planned_cancel_can_be_taken_back(desk, sit):
    ana = sit("ana")
    card = buy(ana.page, "Sandbox: never delivers")
    card.get_by_role("button", name=re.compile("^Cancel at")).click()
    ana.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Cancel at")).click()
    card.get_by_role("button", name="Keep waiting").click()
    expect(card).to_have_attribute("data-state", "waiting")


def test_a_code_that_arrives_just_when_cancelling_wins(desk, sit):
    ana = sit("ana")
    card = buy(ana.page, "Sandbox: code just when cancelling")
    card.get_by_role("button", name=re.compile("^Cancel at")).click()
    ana.page.get_by_role("dialog").get_by_role("button", name=re.compile("^Cancel at")).click()
    expect(card).to_contain_text("Code received")


def test_out_of_stock_is_told_inside_the_dialog(desk, sit):
    ana = sit("ana")
    buy(ana.page, "Sandbox: out of stock")
    dialog = ana.page.get_by_role("dialog", name="Nothing was bought")
    expect(dialog).to_contain_text("Server 1 has no numbers for Sandbox: out of stock in USA right now.")


def test_an_empty_wallet_is_told_to_everybody(desk, sit):
    ana, ben = sit("ana"), sit("ben")
    buy(ana.page, "Sandbox: wallet empty")
    expect(ben.page.locator("#banner")).to_contain_text("Wallet empty.")
    ana.page.goto(f"{desk.url}/")
    buy(ana.page, "Sandbox: never delivers")
    expect(ben.page.locator("#banner")).not_to_contain_text("Wallet empty.")


def test_a_refused_key_pauses_everything_and_loses_nothing(desk, sit):
    ana = sit("ana")
    card = buy(ana.page, "Sandbox: never delivers")
    expect(card).to_contain_text("Waiting")
    order = newest_order(desk)
    desk.control("key", bad=True)
    expect(ana.page.locator("#banner")).to_contain_text("did not accept the team's API key")
    desk.control("key", bad=False)
    desk.control("deliver", id=order, text="778899")
    expect(card).to_contain_text("778899", timeout=45_000)
    expect(ana.page.locator("#banner")).not_to_contain_text("API key")


def test_a_card_with_hostile_text_stays_text(desk, sit):
    ana = sit("ana")
    card = buy(ana.page, "Sandbox: hostile text")
    expect(card).to_contain_text("Code received")
    expect(card.locator(".code")).to_contain_text("<")
    assert card.locator(".code script, .code img, .code [onerror]").count() == 0


def test_the_indicator_says_when_the_stream_is_gone_and_the_board_catches_up(desk, sit):
    ana = sit("ana")
    stay(ana.page)
    desk.kill("uvicorn")
    expect(ana.page.get_by_role("button", name="Reconnecting")).to_be_visible()
    eventually(desk.is_ready)
    desk.member("ben").buy("sbtwo")
    expect(ana.page.get_by_role("button", name="Live")).to_be_visible()
    expect(ana.page.get_by_role("article").first).to_contain_text("Ben")
    assert_stayed(ana.page)
    ana.complaints.clear()  # the browser's own words about the lost stream


def test_a_board_that_could_not_be_fetched_is_fetched_again_while_the_stream_lives(desk, sit):
    ana = sit("ana")
    expect(ana.page.get_by_role("button", name="Live")).to_be_visible()
    ana.page.route(BOARD, lambda route: route.fulfill(status=503), times=1)
    with (
        ana.page.expect_console_message(lambda line: "503" in line.text),
        ana.page.expect_response(lambda answer: BOARD.search(answer.url) and answer.ok, timeout=15_000),
    ):
        ana.page.evaluate(
            "document.dispatchEvent(new CustomEvent('desk:purchase-finished', { detail: { card: 'none' } }))"
        )
    ana.complaints.clear()  # the browser's own words about the 503
