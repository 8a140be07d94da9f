"""An answer that never came: the card says so, nothing is sent again, and a person settles it."""

from playwright.sync_api import expect


def lose_an_answer(desk):
    """Buy a number whose answer is lost after LegitSMS acted. Returns the order as LegitSMS has it."""
    desk.control("fault", action="getNumber", fault="drop_after", times=1)
    return desk.bought_by(desk.member("ana").buy)


def open_settlement(seat):
    card = seat.page.get_by_role("article").filter(has_text="Unclear").first
    card.get_by_role("button", name="What to do…").click()
    return card, seat.page.get_by_role("dialog", name="What happened to this order?")


def test_an_unclear_order_is_settled_as_bought_and_gets_its_code(desk, sit):
    before = desk.ledger()["calls"].get("getNumber", {"received": 0})["received"]
    order = lose_an_answer(desk)
    ana = sit("ana")
    card, dialog = open_settlement(ana)
    dialog.get_by_role("radio", name="It was bought").check()
    dialog.get_by_role("textbox", name="Order ID").fill(order["id"])
    dialog.get_by_role("textbox", name="Phone number").fill(f"+{order['phone']}")
    dialog.get_by_role("button", name="Settle order").click()
    card = ana.page.get_by_role("article").first
    expect(card).to_contain_text("Waiting")
    desk.control("deliver", id=order["id"], text="445566")
    expect(card).to_contain_text("445566")
    assert desk.ledger()["calls"]["getNumber"]["received"] == before + 1


def test_an_unclear_order_is_settled_as_not_bought(desk, sit):
    before = desk.ledger()["calls"].get("getNumber", {"received": 0})["received"]
    lose_an_answer(desk)
    ana = sit("ana")
    _, dialog = open_settlement(ana)
    dialog.get_by_role("radio", name="It was not bought").check()
    dialog.get_by_role("button", name="Settle order").click()
    expect(ana.page.get_by_role("article").first).to_contain_text("Not bought")
    assert desk.ledger()["calls"]["getNumber"]["received"] == before + 1


def test_an_order_id_that_another_order_has_is_refused(desk, sit):
    taken = desk.bought_by(desk.member("ana").buy)
    lose_an_answer(desk)
    ana = sit("ana")
    _, dialog = open_settlement(ana)
    dialog.get_by_role("radio", name="It was bought").check()
    dialog.get_by_role("textbox", name="Order ID").fill(taken["id"])
    dialog.get_by_role("textbox", name="Phone number").fill("15550199999")
    dialog.get_by_role("button", name="Settle order").click()
    expect(dialog).to_contain_text("Another order of this desk already has this ID.")
