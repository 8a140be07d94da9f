import pytest

import legitsms
from catalog import offers
from catalog.matching import matches
from catalog.models import Brand, Country, Decision, Place, Service, Suggestion
from legitsms import Service as Listed
from tests.catalog.refreshing import refresh
from tests.factories import make_country, make_service

pytestmark = pytest.mark.django_db


def brands(service):
    return sorted(service.brands.values_list("name", flat=True))


def decide(service, brand, verdict):
    matches.decide(service, Brand.objects.get(key=brand), verdict, None)


def renamed(name, code="w", **fields):
    """The row after its list was read with this name."""
    refresh(Listed(code, name, None, None), kind="services", **fields)
    return Service.objects.get(code=code, **fields)


# --- Places


@pytest.mark.parametrize(
    ("server", "code", "name", "iso"),
    [(1, "187", "USA", ""), (2, "1", "United States", "US"), (3, "usa", "USA", "US")],
)
def test_a_country_finds_its_place_whatever_a_server_calls_it(server, code, name, iso):
    place = make_country(code, name, server=server, iso=iso).place
    assert (place.key, place.name, place.iso) == ("us", "USA", "US")


def test_virtual_and_physical_numbers_are_two_offers_of_one_place():
    physical, virtual = make_country("187", "USA"), make_country("12", "Usa (virtual)")
    assert physical.place == virtual.place
    assert (physical.variant, virtual.variant) == ("", "virtual")


def test_a_country_that_nobody_knows_is_a_place_by_its_own_name():
    place = make_country("900", "Atlantis").place
    assert (place.name, place.iso) == ("Atlantis", "")


def test_a_country_that_changed_its_name_finds_its_new_place():
    refresh(legitsms.Country("5", "Niger", "", ""))
    refresh(legitsms.Country("5", "Nigeria", "", ""))
    assert Country.objects.get().place.iso == "NG"


def test_a_place_is_made_once():
    [make_country(str(n), "France", server=n) for n in (1, 2, 3)]
    assert Place.objects.count() == 1


# --- Brands, by the facts that ship


def test_entries_of_three_servers_are_one_brand():
    rows = [make_service("wa", "WhatsApp"), make_service("1", "Whatsapp", server=2)]
    rows.append(make_service("whatsapp", "whatsapp", server=3))
    assert [brands(row) for row in rows] == [["WhatsApp"]] * 3
    assert Brand.objects.count() == 1


def test_a_bundle_is_one_entry_of_several_brands():
    assert brands(make_service("go", "Google,youtube,Gmail")) == ["Google", "YouTube"]


def test_a_name_that_says_nothing_joins_with_nothing():
    one, other = make_service("ot", "Other"), make_service("9", "Other", server=2)
    assert not set(one.brands.all()) & set(other.brands.all())


def test_two_entries_of_one_server_are_two_offers_of_one_brand():
    where = make_country()
    make_service("wa", "WhatsApp")
    make_service("wb", "Whatsapp")
    found = offers.find_offers(Brand.objects.get(), where.place).offers
    assert [offer.service.code for offer in found] == ["wa", "wb"]


def test_a_service_that_changed_its_name_changes_its_brand():
    renamed("Telegram")
    assert brands(renamed("Signal")) == ["Signal"]


# --- What people decide


def test_an_entry_that_is_called_the_same_joins_the_brand():
    make_service("wa", "WhatsApp")
    other = make_service("77", "Wotsapp", server=2)
    decide(other, "whatsapp", "same")
    assert brands(other) == ["WhatsApp"]


def test_a_wrong_join_that_was_undone_stays_undone_after_the_next_refresh():
    right = make_service("wa", "WhatsApp")
    decide(renamed("WhatsApp", server=2), "whatsapp", "different")
    assert renamed("Whats App", server=2).brands.get() != right.brands.get()


def test_a_bundle_from_which_one_brand_was_taken_keeps_the_others():
    bundle = make_service("go", "Google,youtube,Gmail")
    decide(bundle, "youtube", "different")
    assert brands(bundle) == ["Google"]


def test_a_decision_that_is_taken_back_leaves_the_facts():
    service = make_service("wa", "WhatsApp")
    decide(service, "whatsapp", "different")
    matches.undo(Decision.objects.get())
    assert (brands(service), Decision.objects.count()) == (["WhatsApp"], 0)
    assert service.brands.get().key == "whatsapp"


def test_a_decision_holds_for_the_real_list_and_the_sandboxes():
    make_service("wa", "WhatsApp")
    rows = [make_service("77", "Wotsapp", server=2, upstream=upstream) for upstream in ("sandbox", "live")]
    decide(rows[0], "whatsapp", "same")
    assert [brands(row) for row in rows] == [["WhatsApp"]] * 2


def test_a_new_service_is_a_brand_of_its_own():
    service = make_service("wa", "WhatsApp")
    decide(service, "whatsapp", "new")
    assert service.brands.get().key == "own:1:wa"


def test_a_person_may_change_their_mind():
    service = make_service("wa", "WhatsApp")
    [decide(service, "whatsapp", verdict) for verdict in ("different", "same")]
    assert (brands(service), Decision.objects.get().verdict) == (["WhatsApp"], "same")


# --- Suggestions


@pytest.fixture
def alike():
    """Two names that a person may call the same, on two servers."""
    return make_service("wm", "Wing Money"), make_service("9", "Wing Monney", server=2)


def suggested():
    matches.suggest("sandbox")
    return sorted(Suggestion.objects.values_list("service__code", "brand__name"))


def test_names_that_are_alike_are_suggested_and_not_joined(alike):
    assert suggested() == [("9", "Wing Money")]
    assert [brands(service) for service in alike] == [["Wing Money"], ["Wing Monney"]]


def test_names_of_one_server_are_never_suggested():
    make_service("a", "Wing Money")
    make_service("b", "Wing Monney")
    assert suggested() == []


def test_a_suggestion_that_was_refused_does_not_come_back(alike):
    suggested()
    decide(alike[1], "wingmoney", "different")
    assert ("9", "Wing Money") not in suggested()


def test_a_suggestion_that_was_confirmed_is_settled(alike):
    suggested()
    decide(alike[1], "wingmoney", "same")
    assert Suggestion.objects.filter(service=alike[1]).count() == 0
    assert suggested() == []


def test_a_suggestion_that_still_stands_stays_the_same_row(alike):
    suggested()
    known = set(Suggestion.objects.values_list("pk", flat=True))
    suggested()
    assert set(Suggestion.objects.values_list("pk", flat=True)) == known


def test_the_names_of_a_retired_service_are_not_suggested(alike):
    suggested()
    renamed("Signal", server=2)
    assert suggested() == []
