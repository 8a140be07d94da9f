from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import legitsms
from catalog import sync, tasks
from catalog.models import Country, Listing, Price, Service
from legitsms import Garbled, Rows, Uncertain
from tests.factories import make_country, make_listing, make_price, make_service
from tests.fakes import FakeClient
from tests.racing import race

pytestmark = pytest.mark.django_db

USA = legitsms.Country("187", "USA", "US", "1")
FRANCE = legitsms.Country("78", "France", "FR", "33")
WHATSAPP = legitsms.Service("whatsapp", "Whatsapp", Decimal("1.20"), 450)
AMAZON = legitsms.Service("amazon", "Amazon", None, None)
FAULTS = [
    Garbled("empty"),
    Garbled("not JSON", "<html>"),
    Uncertain("timeout"),
    legitsms.NotSent("connect"),
    legitsms.BadKey("BAD_KEY"),
]


def refresh(*rows, kind="countries", server=1, **fields):
    """Read a list in which LegitSMS has these rows; returns what is known of that list then."""
    return read(FakeClient(Rows(rows, ())), kind=kind, server=server, **fields)


def read(client, kind="countries", server=1, **fields):
    listing, _ = Listing.objects.get_or_create(kind=kind, server=server, upstream="sandbox", **fields)
    sync.refresh(listing, client)
    listing.refresh_from_db()
    return listing


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
    sync.expect_listings()
    sync.expect_listings()
    kinds = Listing.objects.values_list("server", "kind")
    both = [(server, kind) for server in (1, 2) for kind in ("countries", "services")]
    assert sorted(kinds) == sorted([*both, (3, "countries")])


def test_the_lists_by_country_are_read_one_at_a_time():
    oldest, *_ = [make_listing(server=3, country=code, refreshed_at=None) for code in ("france", "usa", "peru")]
    main = make_listing("countries", server=3, refreshed_at=None)
    assert sync.due() == [main, oldest]


def test_the_tick_rings_for_every_list_that_is_due(monkeypatch):
    rung = []
    monkeypatch.setattr(tasks, "wake", rung.append)
    tasks.refresh_due()
    assert sorted(rung) == sorted(Listing.objects.values_list("pk", flat=True))


def test_a_bell_that_rings_twice_reads_once(upstream_client):
    upstream_client.answers = [Rows((USA,), ())]
    listing = make_listing("countries", refreshed_at=None)
    [tasks.refresh_list(listing.pk) for _ in range(2)]
    assert upstream_client.calls == ["get_countries"]


def test_a_broker_that_is_down_costs_a_looker_nothing():
    assert tasks.wake(1) is None


def test_a_country_belongs_to_its_server():
    make_country(server=2)
    refresh(FRANCE, server=1)
    assert Country.objects.listed(2).count() == 1
