import json

import pytest

from legitsms.sandbox.lists import COUNTRIES, SERVERS, SERVICES
from legitsms.sandbox.scenarios import SCENARIOS


@pytest.fixture
def listing(ask):
    return lambda **query: json.loads(ask(**query))


def test_server_1_lists_countries_by_lower_case_id(listing):
    rows = listing(action="getCountries", server=1)
    assert {"id": 187, "rus": "США", "eng": "USA", "chn": "美国", "visible": 1} in rows


def test_server_2_lists_countries_by_upper_case_id_and_calls_britain_uk(listing):
    rows = listing(action="getCountries", server=2)
    assert {"ID": 2, "name": "United Kingdom", "short_name": "UK", "cc": "44", "region": "Europe"} in rows


def test_server_3_lists_countries_by_key(listing):
    rows = listing(action="getCountries", server=3)
    assert rows["usa"] == {"iso": {"us": 1}, "prefix": {"+1": 1}, "text_en": "USA", "text_ru": "США"}


def test_server_3_has_two_countries_that_claim_one_iso_code(listing):
    rows = listing(action="getCountries", server=3)
    assert rows["france"]["iso"] == rows["frenchguiana"]["iso"] == {"fr": 1}


def test_server_1_lists_services_by_code(listing):
    answer = listing(action="getServices", server=1)
    assert answer["status"] == "success"
    assert {"code": "wa", "name": "Whatsapp"} in answer["services"]


def test_server_2_lists_services_by_id(listing):
    rows = listing(action="getServices", server=2)
    assert {"ID": 39, "name": "Amazon / Amazon Web Services", "favourite": 0} in rows


def test_server_3_lists_services_of_a_country_with_stock_and_price(listing):
    row = listing(action="getServices", server=3, country="usa")["whatsapp"]
    assert (row["Category"], row["Qty"] >= 0, row["Price"] > 0) == ("activation", True, True)


def test_server_3_wants_a_country_for_its_services(ask):
    assert ask(action="getServices", server=3) == "BAD_COUNTRY"


def test_a_number_in_use_is_missing_from_server_3s_stock(ask, listing):
    before = listing(action="getServices", server=3, country="usa")["telegram"]["Qty"]
    ask(action="getNumber", server=3, country="usa", service="telegram")
    assert listing(action="getServices", server=3, country="usa")["telegram"]["Qty"] == before - 1


@pytest.mark.parametrize("server", SERVERS)
def test_each_server_is_well_stocked_and_lists_the_scripted_services_first(server):
    services = list(SERVICES[server].values())
    assert [service.scenario for service in services[: len(SCENARIOS)]] == list(SCENARIOS)
    assert len(services) >= 60 + len(SCENARIOS)
    assert len(COUNTRIES[server]) >= 30


def test_server_3s_key_of_a_scripted_service_says_what_it_does(listing):
    keys = list(listing(action="getServices", server=3, country="usa"))
    assert keys[:3] == ["sandbox_code_in_10_s", "sandbox_never_delivers", "sandbox_out_of_stock"]


def test_lists_come_as_the_text_that_the_real_one_sends(get):
    response, _ = get(action="getCountries", server=3)
    assert response.headers["Content-Type"] == "text/html; charset=utf-8"


def test_an_unknown_server_is_refused(ask):
    assert ask(action="getCountries", server=4) == "BAD_ACTION"
