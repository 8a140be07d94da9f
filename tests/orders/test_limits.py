"""What a member may still buy. The races need both databases: threads, each with a connection of its own."""

import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from catalog.models import Price
from orders.forms import PurchaseForm, SwitchForm
from orders.lifecycle import answers, settling, transitions
from orders.limits import OverLimit, PurchaseLimits
from orders.models import Order, Purchase
from team.models import Limit, Policy
from team.roles import Role
from tests.factories import make_administrator, make_offer, make_order, make_purchase, make_user
from tests.racing import race

pytestmark = pytest.mark.django_db

UNPRICED = {"server": "1", "country": "187", "service": "wa"}
PRICED = {"server": "3", "country": "usa", "service": "whatsapp", "price_seen": "99"}


@pytest.fixture
def offer(alive, bells):
    """One of unpublished price, and one of $1.20."""
    make_offer()
    return make_offer(3, "usa", "whatsapp", price=Decimal("1.20"))


def filled(offer=UNPRICED, kind=PurchaseForm, **fields):
    form = kind({"quantity": "1", "purchase_id": str(uuid.uuid4())} | offer | fields)
    assert form.is_valid(), form.errors
    return form


def buy(member, offer=UNPRICED, **fields):
    return filled(offer, **fields).save(member)


def refused(member, offer=UNPRICED, **fields):
    """The words with which a purchase is refused, of which nothing is stored."""
    before = Purchase.objects.count()
    with pytest.raises(OverLimit) as caught:
        buy(member, offer, **fields)
    assert Purchase.objects.count() == before
    return str(caught.value)


def limit(member, **values):
    return Limit.objects.create(member=member, **values)


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


# --- Each limit


def test_who_has_no_limits_may_buy(member, offer):
    buy(member, quantity="10")
    assert Order.objects.count() == 10


def test_the_last_purchase_of_a_day_is_bought_and_the_next_is_refused(member, offer):
    limit(member, purchases_a_day=2)
    [buy(member) for _ in range(2)]
    assert refused(member) == (
        "Your limit is 2 purchases a day: 2 used since 00:00 UTC, 0 left. Nothing was bought. Ask an administrator."
    )


def test_three_numbers_with_two_left_are_refused_whole(member, offer):
    limit(member, purchases_a_day=9)
    buy(member, quantity="7")
    assert "7 used since 00:00 UTC, 2 left. Nothing was bought." in refused(member, quantity="3")
    assert Order.objects.count() == 7


def test_the_last_dollar_of_a_day_is_spent_and_not_a_cent_more(member, offer):
    limit(member, spending_a_day=Decimal("3.60"))
    buy(member, PRICED, quantity="3")
    assert "$3.60 used since 00:00 UTC, $0.00 left, and this is $1.20." in refused(member, PRICED)


def test_the_last_dollar_of_a_month_is_spent_and_not_a_cent_more(member, offer):
    limit(member, spending_a_month=Decimal("2.40"))
    buy(member, PRICED, quantity="2")
    assert "Your limit is $2.40 a month (UTC): $2.40 used, $0.00 left, and this is $1.20." in refused(member, PRICED)


def test_sums_are_exact_to_the_last_digit_that_a_price_has(member, offer):
    Price.objects.update(price=Decimal("0.1001"))
    limit(member, spending_a_day=Decimal("1.00"))
    buy(member, PRICED, quantity="9")
    assert Order.objects.costing().cost().known == Decimal("0.9009")
    assert "this is $0.10" in refused(member, PRICED)


def test_a_number_that_is_dearer_than_allowed_is_not_bought(member, offer):
    limit(member, highest_price=Decimal("1.19"))
    assert refused(member, PRICED).startswith("Your limit for one number is $1.19, and this one is $1.20.")


def test_a_number_that_is_as_dear_as_allowed_is_bought(member, offer):
    limit(member, highest_price=Decimal("1.20"))
    assert buy(member, PRICED, quantity="3")


def test_no_more_orders_are_open_at_once_than_allowed(member, offer):
    limit(member, open_at_once=2)
    for status in ("waiting", "finished", "cancelled", "closed", "refused"):
        make_order(status, owner=member)
    buy(member)
    assert "Your limit is 2 open orders at once: 2 open, 0 left; finish or cancel one." in refused(member)


def test_no_more_numbers_are_in_one_purchase_than_allowed(member, offer):
    limit(member, quantity=2)
    assert "Your limit is 2 in one purchase." in refused(member, quantity="3")
    assert buy(member, quantity="2")


@pytest.mark.parametrize("kind", Limit.VALUE_FIELDS)
def test_a_limit_of_nought_allows_nothing(member, offer, kind):
    limit(member, **{kind: 0})
    assert "Nothing was bought. Ask an administrator." in refused(member)


def test_a_roles_limit_is_for_each_of_its_members(member, colleague, offer):
    Limit.objects.create(role=Role.BUYER, purchases_a_day=1)
    buy(member)
    buy(colleague, PRICED)
    assert refused(member)
    assert refused(colleague)


def test_an_administrator_keeps_to_limits_too(offer):
    administrator = make_administrator()
    Limit.objects.create(role=Role.ADMINISTRATOR, purchases_a_day=1)
    buy(administrator)
    assert refused(administrator)


def test_a_purchase_sent_twice_counts_once(member, offer):
    limit(member, purchases_a_day=1)
    form = filled()
    assert form.save(member) == form.save(member)


def test_a_switch_keeps_to_limits_too(member, offer):
    limit(member, open_at_once=1)
    old = make_order("waiting", owner=member)
    with pytest.raises(OverLimit):
        filled(PRICED, kind=SwitchForm).save(member, replaces=old)
    assert list(Order.objects.all()) == [old]


def test_handing_an_order_over_takes_nothing_off_a_limit(member, colleague, offer):
    limit(member, purchases_a_day=1)
    buy(member)
    transitions.change(Order.objects.get(), "reassigned", member, owner=colleague)
    assert refused(member)


# --- What counts


@pytest.mark.parametrize("status", ["requested", "buying", "waiting", "received", "finished", "unclear", "closed"])
def test_what_was_or_may_have_been_bought_keeps_its_share(member, offer, status):
    limit(member, purchases_a_day=1)
    make_order(status, owner=member)
    assert refused(member)


@pytest.mark.parametrize("status", ["refused", "cancelled"])
def test_what_was_refused_or_refunded_gives_its_share_back(member, offer, status):
    limit(member, purchases_a_day=1)
    make_order(status, owner=member)
    assert buy(member)


def test_a_share_comes_back_once_however_often_the_end_is_told(member, offer):
    limit(member, spending_a_day=Decimal("2.40"))
    order = make_order("waiting", owner=member, price=Decimal("1.20"))
    answers.record_cancelled(order)
    with pytest.raises(Exception, match="is cancelled"):
        answers.record_cancelled(order)
    buy(member, PRICED, quantity="2")
    assert refused(member, PRICED)


def test_a_number_that_comes_back_from_a_refund_counts_again(member, offer):
    limit(member, purchases_a_day=1)
    order = make_order("cancelled", owner=member)
    answers.record_code(order, "123456")
    assert refused(member)


def test_a_purchase_that_was_written_off_counts_as_spent(member, offer):
    limit(member, purchases_a_day=1)
    settling.write_off(make_order("unclear", owner=member), member)
    assert refused(member)


# --- Days and months


def used_at(member, moment, asked_at):
    limit(member, purchases_a_day=9, spending_a_month=Decimal(9))
    make_order("waiting", owner=member, requested_at=at(asked_at), price=Decimal(1))
    allowance = PurchaseLimits(member)
    allowance.at = at(moment)
    return [int(share.used) for share in allowance.usages]


@pytest.mark.parametrize(
    ("asked_at", "used"),
    [
        ("2025-11-01T00:00:00", [1, 1]),
        ("2025-10-31T23:59:59.999999", [0, 0]),
        ("2025-10-01T12:00:00", [0, 0]),
    ],
)
def test_a_month_begins_with_the_first_moment_of_its_first_day(member, asked_at, used):
    assert used_at(member, "2025-11-01T12:00:00", asked_at) == used


@pytest.mark.parametrize(
    ("asked_at", "used"), [("2025-11-22T00:00:00", [1, 1]), ("2025-11-21T23:59:59.999999", [0, 1])]
)
def test_a_day_begins_at_midnight_and_a_month_goes_on(member, asked_at, used):
    assert used_at(member, "2025-11-22T23:59:59", asked_at) == used


def test_an_order_is_of_the_day_for_which_it_was_judged(member, offer, monkeypatch):
    late = at("2025-11-30T23:59:59.999999")
    monkeypatch.setattr(PurchaseLimits, "check", lambda self: setattr(self, "at", late))
    buy(member)
    assert Order.objects.get().requested_at == late


# --- Prices: known, estimated, unknown


def test_an_unpublished_price_counts_by_the_estimate_of_its_server(member, offer):
    Policy.current()
    Policy.objects.update(estimate_1=Decimal("0.40"))
    limit(member, spending_a_day=Decimal("0.80"))
    buy(member, quantity="2")
    assert "about $0.80 used since 00:00 UTC, about $0.00 left, and this is about $0.40, estimated." in refused(member)


def test_an_estimate_is_kept_as_it_was_when_the_number_was_asked_for(member, offer):
    Policy.current()
    Policy.objects.update(estimate_1=Decimal("0.40"))
    buy(member)
    Policy.objects.update(estimate_1=Decimal(40))
    assert Order.objects.costing().cost().estimated == Decimal("0.40")


def test_a_published_price_needs_no_estimate(member, offer):
    Policy.current()
    Policy.objects.update(estimate_3=Decimal(40))
    buy(member, PRICED)
    order = Order.objects.get()
    assert (order.price, order.estimate) == (Decimal("1.20"), None)


def test_a_price_that_nobody_knows_counts_as_a_purchase_alone(member, offer):
    limit(member, spending_a_day=Decimal(1), purchases_a_day=2, highest_price=Decimal("0.10"))
    [buy(member) for _ in range(2)]
    assert "2 purchases a day" in refused(member)


def test_a_price_that_nobody_knows_is_more_than_nothing(member, offer):
    limit(member, spending_a_day=Decimal("1.20"))
    buy(member, PRICED)
    assert "$0.00 left, and this is of unknown price." in refused(member)


def test_a_price_that_rises_later_changes_no_sum(member, offer):
    limit(member, spending_a_day=Decimal("3.00"))
    buy(member, PRICED)
    Price.objects.update(price=Decimal("1.90"))
    assert "$1.20 used since 00:00 UTC, $1.80 left, and this is $1.90." in refused(member, PRICED)


# --- Too fast


def test_a_member_makes_only_so_many_purchases_within_a_minute(member, offer, settings):
    settings.PURCHASES_A_MINUTE = 2
    [buy(member, quantity="2") for _ in range(2)]
    assert refused(member) == (
        "You made 2 purchases within a minute, and the desk allows no more. Nothing was bought. Wait a moment."
    )


def test_a_minute_later_a_member_may_go_on(member, colleague, offer, settings):
    settings.PURCHASES_A_MINUTE = 1
    buy(member)
    make_purchase(colleague)
    Purchase.objects.update(made_at=timezone.now() - timedelta(seconds=61))
    assert buy(member)


# --- The largest quantity worth choosing


@pytest.mark.parametrize(
    ("values", "most"),
    [
        ({}, 10),
        ({"purchases_a_day": 4}, 4),
        ({"open_at_once": 3}, 3),
        ({"quantity": 2}, 2),
        ({"spending_a_day": Decimal(6)}, 5),
        ({"spending_a_month": Decimal("3.59")}, 2),
        ({"purchases_a_day": 0}, 1),
        ({"highest_price": Decimal(1)}, 10),
        ({"purchases_a_day": 4, "spending_a_day": Decimal(3)}, 2),
    ],
)
def test_the_dialog_offers_no_larger_quantity_than_fits(member, offer, values, most):
    limit(member, **values)
    assert PurchaseLimits(member, filled(PRICED).offer).most == most


def test_who_has_no_limits_costs_one_question(member, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert PurchaseLimits(member).most == 10


# --- Races, with real threads on a real database


def won(said):
    return sum(isinstance(each, Purchase) for each in said)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attempt", range(3))
def test_of_ten_purchases_at_the_same_moment_a_limit_of_nine_lets_nine_pass(member, offer, told, attempt):
    limit(member, purchases_a_day=9)
    forms = [filled() for _ in range(10)]
    said = race(lambda: forms.pop().save(member), 10)
    assert (won(said), said.count("OverLimit"), Order.objects.count()) == (9, 1, 9)


@pytest.mark.django_db(transaction=True)
def test_ten_purchases_for_the_last_dollar_spend_it_once(member, offer, told):
    limit(member, spending_a_day=Decimal("3.70"))
    forms = [filled(PRICED, quantity="3") for _ in range(10)]
    assert won(race(lambda: forms.pop().save(member), 10)) == 1
    assert Order.objects.costing().cost().amount == Decimal("3.60")


@pytest.mark.django_db(transaction=True)
def test_ten_members_at_the_same_moment_each_have_the_limit_of_their_role(offer, told):
    Limit.objects.create(role=Role.BUYER, spending_a_day=Decimal("1.20"))
    members = [member for member in [make_user() for _ in range(5)] for _ in range(2)]
    forms = [filled(PRICED, kind=SwitchForm) for _ in members]
    said = race(lambda: forms.pop().save(members.pop()), 10)
    assert (won(said), said.count("OverLimit")) == (5, 5)


@pytest.mark.django_db(transaction=True)
def test_refunds_at_the_same_moment_give_back_no_more_than_they_are(member, offer, told):
    limit(member, purchases_a_day=4)
    orders = [make_order("waiting", owner=member) for _ in range(4)]
    steps = [partial(answers.record_cancelled, order) for order in orders[:2]] + [filled().save for _ in range(6)]
    race(lambda: take(steps.pop(), member), 8)
    assert Order.objects.costing().count() <= 4
    [buy(member) for _ in range(4 - Order.objects.costing().count())]
    assert refused(member)


def take(step, member):
    return step(member) if step.__name__ == "save" else step()


@pytest.mark.django_db(transaction=True)
def test_ten_purchases_at_the_same_moment_keep_to_the_minutes_guard(member, offer, told, settings):
    settings.PURCHASES_A_MINUTE = 6
    forms = [filled() for _ in range(10)]
    assert won(race(lambda: forms.pop().save(member), 10)) == 6


def test_the_summary_says_what_is_left_of_each_limit(member):
    assert PurchaseLimits(member).summary == ""
    limit(member, purchases_a_day=3, highest_price=Decimal(2))
    assert PurchaseLimits(member).summary == "3 of 3 purchases left today · $2.00 at most for one number"
