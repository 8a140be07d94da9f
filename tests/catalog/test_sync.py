from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import legitsms
from catalog import sync, tasks
from catalog.models import Brand, Country, Listing, Price, Service
from legitsms import Garbled, Rows, Uncertain
from tests.catalog.refreshing import FRANCE, USA, many, on_three, prices, read, refresh
from tests.catalog.strangers import HOSTILE
from tests.factories import make_country, make_listing, make_price, make_service
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db

WHATSAPP = legitsms.Service("whatsapp", "Whatsapp", Decimal("1.20"), 450)
AMAZON = legitsms.Service("amazon", "Amazon", None, None)
FAULTS = [
    Garbled("empty"),
    Garbled("not JSON", "<html>"),
    Uncertain("timeout"),
    legitsms.NotSent("connect"),
    legitsms.BadKey("BAD_KEY"),
]


def writes(asked):
    """The queries among `asked` that wrote rows of the lists themselves."""
    tables = ("catalog_country", "catalog_service", "catalog_price", "catalog_service_brands", "catalog_brand")
    words = ("INSERT", "UPDATE", "DELETE")
    return [one["sql"] for one in asked if one["sql"].startswith(words) and one["sql"].split('"')[1] in tables]


def test_a_new_row_is_listed():
    listing = refresh(USA, FRANCE)
    names = Country.objects.listed(1).values_list("name", "code", "iso", "prefix")
    assert list(names) == [("France", "78", "FR", "33"), ("USA", "187", "US", "1")]
    assert (listing.rows, listing.problem, bool(listing.refreshed_at)) == (2, "", True)


def test_a_changed_row_is_changed_in_place():
    refresh(USA)
    known = Country.objects.get()
    refresh(legitsms.Country("187", "United States", "US", "1"))
    known.refresh_from_db()
    assert known.name == "United States"


def test_a_row_that_is_gone_is_retired_and_kept():
    refresh(USA, FRANCE)
    refresh(FRANCE)
    assert list(Country.objects.listed(1)) == [Country.objects.get(code="78")]
    assert Country.objects.get(code="187").retired_at


def test_a_row_that_is_back_is_listed_again():
    refresh(USA, FRANCE)
    refresh(FRANCE)
    refresh(USA, FRANCE)
    assert Country.objects.listed(1).count() == Country.objects.count() == 2


def test_a_retired_row_keeps_the_day_of_its_end():
    refresh(USA, FRANCE)
    refresh(FRANCE)
    gone_at = Country.objects.get(code="187").retired_at
    refresh(FRANCE)
    assert Country.objects.get(code="187").retired_at == gone_at


def test_rows_that_did_not_change_cost_no_write():
    rows = [legitsms.Service(f"s{n}", f"Service {n}", Decimal("0.5"), n) for n in range(50)]
    refresh(*rows, kind="services", server=3, country="usa")
    with CaptureQueriesContext(connection) as asked:
        refresh(*rows, kind="services", server=3, country="usa")
    assert writes(asked.captured_queries) == []


def test_only_what_changed_is_written():
    refresh(WHATSAPP, AMAZON, kind="services", server=3, country="usa")
    cheaper = legitsms.Service("whatsapp", "Whatsapp", Decimal("1.1"), 450)
    with CaptureQueriesContext(connection) as asked:
        refresh(cheaper, AMAZON, kind="services", server=3, country="usa")
    assert len(writes(asked.captured_queries)) == 1
    assert Price.objects.get(service__code="whatsapp").price == Decimal("1.1")


def test_a_price_that_is_no_longer_published_is_not_kept():
    refresh(WHATSAPP, kind="services", server=3, country="usa")
    refresh(legitsms.Service("whatsapp", "Whatsapp", None, None), kind="services", server=3, country="usa")
    assert Price.objects.values_list("price", "stock").get() == (None, None)


def test_a_list_of_a_thousand_rows_is_written_in_few_queries(django_assert_max_num_queries):
    rows = [legitsms.Service(f"s{n}", f"Service {n}", None, None) for n in range(1000)]
    with django_assert_max_num_queries(30):
        refresh(*rows, kind="services")
    assert Service.objects.count() == 1000


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_no_list_keeps_the_last_good_one_and_notes_the_problem(fault):
    good = refresh(USA)
    bad = read(FakeClient(fault))
    assert Country.objects.listed(1).count() == 1
    assert (bad.refreshed_at, bad.problem) == (good.refreshed_at, fault.kind)


def test_a_good_list_takes_the_problem_away():
    read(FakeClient(Garbled("empty")))
    assert refresh(USA).problem == ""


def test_a_list_touches_no_row_of_another_server_country_or_upstream():
    others = [make_service("wa", server=1), make_service("wa", server=3, upstream="live")]
    france = make_price(make_service("signal", "Signal", server=3), "france")
    refresh(WHATSAPP, kind="services", server=3, country="usa")
    assert Service.objects.filter(pk__in=[row.pk for row in others], retired_at=None).count() == 2
    assert Price.objects.get(country="france") == france
    assert Service.objects.listed(3).filter(code="signal").exists()


def test_server_three_is_asked_for_the_services_of_one_country():
    client = FakeClient(Rows((WHATSAPP,), ()))
    read(client, kind="services", server=3, country="usa")
    assert (client.calls, client.asked) == (["get_services"], [(3, "usa")])


def test_a_server_whose_services_are_the_same_everywhere_is_asked_without_a_country():
    client = FakeClient(Rows((WHATSAPP,), ()))
    read(client, kind="services", server=2)
    assert client.asked == [(2, None)]


def test_a_worker_that_comes_second_reads_nothing():
    listing = make_listing()
    late = Listing.objects.get(pk=listing.pk)
    sync.refresh(listing, FakeClient(Rows((AMAZON,), ())))
    client = FakeClient()
    sync.refresh(late, client)
    assert client.calls == []


@pytest.mark.django_db(transaction=True)
def test_of_two_workers_at_the_same_moment_one_reads():
    listing, client = make_listing("countries"), FakeClient(Rows((USA,), ()))
    copies = [Listing.objects.get(pk=listing.pk) for _ in range(2)]
    race(lambda: sync.refresh(copies.pop(), client), 2)
    assert client.calls == ["get_countries"]


# --- When a list is read


def ago(**span):
    return timezone.now() - timedelta(**span)


@pytest.mark.parametrize(
    ("seconds_ago", "due"),
    [
        ({}, True),
        ({"refreshed_at": 7 * 3600}, True),
        ({"refreshed_at": 5 * 3600}, False),
        ({"refreshed_at": 180}, False),
        ({"refreshed_at": 180, "wanted_at": 1}, True),
        ({"refreshed_at": 180, "wanted_at": 3600}, False),
        ({"refreshed_at": 60, "wanted_at": 1}, False),
        ({"tried_at": 20}, False),
        ({"tried_at": 40}, True),
    ],
)
def test_a_list_is_due_when_it_is_old_and_was_not_just_tried(seconds_ago, due):
    fields = {name: ago(seconds=seconds) for name, seconds in seconds_ago.items()}
    assert make_listing(**{"refreshed_at": None} | fields).is_due() is due


def test_every_list_that_needs_no_country_is_expected():
    sync.ensure_listings()
    sync.ensure_listings()
    kinds = Listing.objects.values_list("server", "kind")
    both = [(server, kind) for server in (1, 2) for kind in ("countries", "services")]
    assert sorted(kinds) == sorted([*both, (3, "countries")])


def test_the_lists_by_country_are_read_one_at_a_time():
    oldest, *_ = [make_listing(server=3, country=code, refreshed_at=None) for code in ("france", "usa", "peru")]
    main = make_listing("countries", server=3, refreshed_at=None)
    assert sync.due() == [main, oldest]


def test_the_tick_rings_for_every_list_that_is_due(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "enqueue", rung.append)
    tasks.refresh_due()
    assert sorted(rung) == sorted(Listing.objects.values_list("pk", flat=True))


def test_a_bell_that_rings_twice_reads_once(upstream_client):
    upstream_client.answers = [Rows((USA,), ())]
    listing = make_listing("countries", refreshed_at=None)
    [tasks.refresh_list(listing.pk) for _ in range(2)]
    assert upstream_client.calls == ["get_countries"]


def test_a_broker_that_is_down_costs_a_looker_nothing():
    assert tasks.enqueue(1) is None


def test_a_country_belongs_to_its_server():
    make_country(server=2)
    refresh(FRANCE, server=1)
    assert Country.objects.listed(2).count() == 1


def test_a_list_that_fails_again_and_again_holds_no_other_back():
    failing = make_listing(server=3, country="usa", refreshed_at=None, tried_at=ago(minutes=1))
    fine = make_listing(server=3, country="peru", refreshed_at=ago(hours=7), tried_at=ago(hours=7))
    assert sync.due() == [fine]
    fine.delete()
    assert sync.due() == [failing]


@pytest.mark.parametrize(
    ("seconds_ago", "awaited"),
    [
        ({}, True),
        ({"tried_at": 1}, True),
        ({"tried_at": 1, "problem": "timeout"}, False),
        ({"tried_at": 1, "refreshed_at": 300}, True),
        ({"tried_at": 1, "refreshed_at": 0}, False),
        ({"tried_at": 20, "refreshed_at": 19, "wanted_at": 1}, False),
        ({"tried_at": 300, "refreshed_at": 299, "wanted_at": 1}, True),
    ],
)
def test_a_list_is_awaited_while_it_is_due_or_being_read(seconds_ago, awaited):
    fields = {name: value if name == "problem" else ago(seconds=value) for name, value in seconds_ago.items()}
    assert make_listing(**{"refreshed_at": None} | fields).is_awaited() is awaited


# --- The server that lists its services by country


def listed_three():
    return sorted(Service.objects.listed(3).values_list("code", flat=True))


def test_each_country_of_it_gets_a_list_of_its_own():
    refresh(USA, FRANCE, server=3)
    refresh(USA, FRANCE, server=3)
    lists = Listing.objects.filter(server=3, kind="services").values_list("country", "refreshed_at")
    assert sorted(lists) == [("187", None), ("78", None)]


def test_the_lists_of_other_servers_need_no_country():
    refresh(USA, server=1)
    assert not Listing.objects.exclude(country="").exists()


def test_a_service_is_one_row_however_many_countries_sell_it():
    on_three(*prices(whatsapp="1.2"))
    on_three(*prices(whatsapp="0.5"), country="france")
    sold = Price.objects.values_list("country", "price", "service__code")
    assert sorted(sold) == [("france", Decimal("0.5"), "whatsapp"), ("usa", Decimal("1.2"), "whatsapp")]
    assert (Service.objects.count(), Brand.objects.count()) == (1, 1)


def test_what_one_country_sells_no_more_stays_where_another_sells_it():
    on_three(*prices(whatsapp="1.2", amazon="1"))
    on_three(*prices(whatsapp="1.2"), country="france")
    on_three(*prices(amazon="1"))
    assert listed_three() == ["amazon", "whatsapp"]
    assert Price.objects.get(country="usa", service__code="whatsapp").retired_at


def test_what_no_country_sells_any_more_is_retired_and_comes_back():
    on_three(*prices(whatsapp="1.2", amazon="1"))
    on_three(*prices(amazon="1"))
    assert listed_three() == ["amazon"]
    on_three(*prices(whatsapp="1.2", amazon="1"))
    assert listed_three() == ["amazon", "whatsapp"]
    assert Service.objects.count() == Price.objects.filter(retired_at=None).count() == 2


def test_a_country_that_is_gone_takes_its_prices_and_its_list_along():
    refresh(USA, FRANCE, server=3)
    on_three(*prices(whatsapp="1.2", amazon="1"), country="187")
    on_three(*prices(whatsapp="1.2"), country="78")
    refresh(FRANCE, server=3)
    assert listed_three() == ["whatsapp"]
    assert list(Listing.objects.exclude(country="").values_list("country", flat=True)) == ["78"]


def test_a_country_that_is_back_is_read_again():
    refresh(USA, FRANCE, server=3)
    refresh(FRANCE, server=3)
    refresh(USA, FRANCE, server=3)
    assert Listing.objects.get(country="187").is_due()


# --- Lists that cannot be right


def test_a_list_that_shrank_by_more_than_half_is_held_back():
    good = refresh(*many(21), kind="services")
    held = refresh(*many(10), kind="services")
    assert Service.objects.listed(1).count() == 21
    assert (held.held_rows, held.problem) == (10, "Held back: 10 rows instead of 21.")
    assert (held.rows, held.refreshed_at) == (21, good.refreshed_at)


@pytest.mark.parametrize(("before", "after"), [(20, 10), (9, 1), (20, 40)])
def test_a_list_that_shrank_less_or_was_small_is_believed(before, after):
    refresh(*many(before), kind="services")
    listing = refresh(*many(after), kind="services")
    assert (Service.objects.listed(1).count(), listing.held_rows) == (after, None)


def test_a_list_that_is_whole_again_is_held_no_more():
    [refresh(*many(count), kind="services") for count in (21, 5)]
    listing = refresh(*many(21), kind="services")
    assert (listing.held_rows, listing.problem) == (None, "")


def test_a_short_list_that_is_accepted_is_believed_once():
    [refresh(*many(count), kind="services") for count in (41, 15)]
    Listing.objects.update(may_shrink=True)
    assert refresh(*many(15), kind="services").rows == 15
    assert refresh(*many(5), kind="services").held_rows == 5


def test_the_reasons_of_rows_that_were_left_out_are_kept():
    listing = read(FakeClient(Rows((USA,), ("row 2: no name", "row 3: code 5 again"))))
    assert listing.rejected == "row 2: no name\nrow 3: code 5 again"


def test_of_very_many_reasons_some_are_kept():
    listing = read(FakeClient(Rows((USA,), tuple(f"row {n}: no name" for n in range(5000)))))
    assert len(listing.rejected.splitlines()) == sync.MAX_REJECTED


def test_a_good_list_takes_the_reasons_away():
    read(FakeClient(Rows((USA,), ("row 2: no name",))))
    assert refresh(USA).rejected == ""


@pytest.mark.parametrize(
    "name", [name for name in HOSTILE if "\x00" not in name and "\ud800" not in name and name.strip()]
)
def test_a_name_that_a_stranger_made_up_takes_nothing_else_down(name):
    odd = legitsms.Service("odd", name[:120], None, None)
    refresh(*many(3), odd, kind="services")
    assert Service.objects.get(code="odd").name == name[:120]
    assert Service.objects.get(code="odd").brands.exists()
    assert Service.objects.count() == 4


def test_a_country_that_a_stranger_made_up_can_be_bought_by_its_name():
    refresh(USA, legitsms.Country("x", "\u202e<b>=1+1", "ZZ", "9999"))
    assert Country.objects.get(code="x").place.name == "\u202e<b>=1+1"


def test_two_workers_that_find_the_same_new_service_are_both_content(monkeypatch):
    real = Service.objects.model.objects.bulk_create

    def later(rows, **how):
        make_service("whatsapp", "Whatsapp", server=3)
        monkeypatch.undo()
        return real(rows, **how)

    monkeypatch.setattr(Service.objects, "bulk_create", later)
    listing = on_three(WHATSAPP)
    assert (listing.problem, Price.objects.count()) == ("", 1)


def test_looking_for_likenesses_waits_until_nothing_is_left_to_read(monkeypatch):
    looked = []
    monkeypatch.setattr(sync.matches, "suggest", looked.append)
    monkeypatch.setattr(tasks, "enqueue", lambda _: None)
    tasks.refresh_due()
    assert looked == []
    Listing.objects.update(refreshed_at=timezone.now(), changed_at=timezone.now())
    [tasks.refresh_due() for _ in range(3)]
    assert looked == ["sandbox"]
