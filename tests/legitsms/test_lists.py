"""The six documented lists, and what strangers may put into them."""

import json
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from legitsms.exceptions import BadKey, Garbled, Refused, ServerFault
from legitsms.lists import Country, Service, parse_countries, parse_services

COUNTRIES_1 = """[{"id": 0, "rus": "Россия", "eng": "Russia", "chn": "俄罗斯", "visible": 1},
 {"id": 187, "rus": "США", "eng": "USA", "chn": "美国", "visible": 1}]"""
COUNTRIES_2 = """[{"ID": 1, "name": "United States", "short_name": "US", "cc": "1", "region": "North America"},
 {"ID": 2, "name": "United Kingdom", "short_name": "UK", "cc": "44", "region": "Europe"}]"""
COUNTRIES_3 = """{
 "afghanistan": {"iso": {"af": 1}, "prefix": {"+93": 1}, "text_en": "Afghanistan", "text_ru": "Афганистан"},
 "usa": {"iso": {"us": 1}, "prefix": {"+1": 1}, "text_en": "USA", "text_ru": "США"}}"""
SERVICES_1 = """{"status": "success", "services": [{"code": "wa", "name": "Whatsapp"},
 {"code": "ig", "name": "Instagram+Threads"}]}"""
SERVICES_2 = """[{"ID": 1, "name": "1688", "favourite": 0},
 {"ID": 39, "name": "Amazon / Amazon Web Services", "favourite": 0}]"""
SERVICES_3 = """{"whatsapp": {"Category": "activation", "Qty": 450, "Price": 1.20},
 "amazon": {"Category": "activation", "Qty": 120, "Price": 0.50}}"""

LISTS = [
    (parse_countries, 1, COUNTRIES_1, (Country("0", "Russia", "", ""), Country("187", "USA", "", ""))),
    (
        parse_countries,
        2,
        COUNTRIES_2,
        (Country("1", "United States", "US", "1"), Country("2", "United Kingdom", "GB", "44")),
    ),
    (
        parse_countries,
        3,
        COUNTRIES_3,
        (Country("afghanistan", "Afghanistan", "AF", "93"), Country("usa", "USA", "US", "1")),
    ),
    (
        parse_services,
        1,
        SERVICES_1,
        (Service("wa", "Whatsapp", None, None), Service("ig", "Instagram+Threads", None, None)),
    ),
    (
        parse_services,
        2,
        SERVICES_2,
        (Service("1", "1688", None, None), Service("39", "Amazon / Amazon Web Services", None, None)),
    ),
    (
        parse_services,
        3,
        SERVICES_3,
        (Service("whatsapp", "whatsapp", Decimal("1.20"), 450), Service("amazon", "amazon", Decimal("0.50"), 120)),
    ),
]
READERS = [(parse, server) for parse, server, _, _ in LISTS]


def service_2(**fields):
    return parse_services(2, json.dumps([{"ID": 1, "name": "first"}, {"ID": 2, "name": "second"} | fields]))


def service_3(**fields):
    return parse_services(
        3, json.dumps({"whatsapp": {"Category": "activation", "Qty": 1, "Price": 1.5} | fields})
    ).rows[0]


def country_2(**fields):
    return parse_countries(2, json.dumps([{"ID": 1, "name": "x", "short_name": "US", "cc": "1"} | fields])).rows[0]


@pytest.mark.parametrize(("parse", "server", "text", "rows"), LISTS)
def test_a_documented_list_is_read(parse, server, text, rows):
    found = parse(server, text)
    assert (found.rows, found.rejected) == (rows, ())


@pytest.mark.parametrize(("parse", "server", "text", "rows"), LISTS)
def test_a_byte_order_mark_and_blanks_around_a_list_are_ignored(parse, server, text, rows):
    assert parse(server, f"\ufeff \r\n{text}\n").rows == rows


def test_a_country_that_is_not_visible_is_left_out_silently():
    found = parse_countries(1, '[{"id":1,"eng":"A","visible":0},{"id":2,"eng":"B","visible":"0"},{"id":3,"eng":"C"}]')
    assert ([row.code for row in found.rows], found.rejected) == (["3"], ())


@pytest.mark.parametrize("code", [7, "7", "a.b-c_D", "x" * 64])
def test_a_code_may_be_a_number_or_a_string(code):
    assert service_2(ID=code).rows[1].code == str(code)


@pytest.mark.parametrize(
    "code", ["", "a b", "a&b", "1#", "a%00", "\u0661", "x" * 65, "7\n", None, True, 1.5, [], {}, 10**400, "\u202eab"]
)
def test_a_row_without_a_usable_code_is_rejected_and_the_rest_survives(code):
    found = service_2(ID=code)
    assert ([row.name for row in found.rows], found.rejected) == (["first"], ("row 2: no usable code",))


def test_an_integer_that_python_refuses_to_print_costs_its_row_only():
    found = parse_services(2, '[{"ID":1,"name":"first"},{"ID":' + "1" * 10_000 + ',"name":"second"}]')
    assert [row.name for row in found.rows] == ["first"]


@pytest.mark.parametrize("name", ["", " \r\n", None, 12, [], "\u202e", "\0"])
def test_a_row_without_a_name_is_rejected(name):
    assert service_2(name=name).rejected == ("row 2: no name",)


@pytest.mark.parametrize("row", [None, 1, "x", [], [{}]])
def test_a_row_that_is_no_object_is_rejected(row):
    found = parse_services(3, json.dumps({"whatsapp": {"Qty": 1}, "amazon": row}))
    assert ([r.code for r in found.rows], found.rejected) == (["whatsapp"], ("row 2: not an object",))


def test_of_two_rows_with_one_code_the_first_counts():
    found = service_2(ID="1")
    assert ([row.name for row in found.rows], found.rejected) == (["first"], ("row 2: code 1 again",))


def test_of_two_equal_keys_the_first_counts():
    found = parse_services(3, '{"wa": {"Price": 1}, "ig": {"Price": 2}, "wa": {"Price": 3}}')
    assert [(row.code, row.price) for row in found.rows] == [("wa", 1), ("ig", 2)]
    assert found.rejected == ("row 3: code wa again",)


def test_of_two_equal_fields_the_first_counts():
    assert parse_services(3, '{"wa": {"Price": 1, "Price": 2}}').rows[0].price == 1


@pytest.mark.parametrize(
    ("published", "shown"),
    [
        ("Nordstrom ", "Nordstrom"),
        ("Suds Car Wash\r\n", "Suds Car Wash"),
        ("a\tb\n\n c\u2028d", "a b c d"),
        ("a\u202eb\u2066c\u200bd\0e\x1b\u200ff", "abcdef"),
        ("a \u202e b", "a b"),
        ("\u0645\u06cc\u200c\u062e\u0648", "\u0645\u06cc\u200c\u062e\u0648"),
        ("\ud800x", "x"),
        ("Google,youtube,Gmail", "Google,youtube,Gmail"),
        ("<b>", "<b>"),
        ("x" * 10_000, "x" * 120),
        ("x" * 119 + " y", "x" * 119),
    ],
)
def test_a_name_is_one_short_readable_line(published, shown):
    assert service_2(name=published).rows[1].name == shown


@pytest.mark.parametrize(
    ("published", "iso"), [("us", "US"), ("UK", "GB"), ("", ""), ("USA", ""), ("1A", ""), (None, ""), (7, "")]
)
def test_a_country_has_two_capital_letters_or_none(published, iso):
    assert country_2(short_name=published).iso == iso


@pytest.mark.parametrize(
    ("published", "prefix"),
    [
        ("44", "44"),
        (44, "44"),
        ("+44", "44"),
        ("1-684", "1684"),
        ("", ""),
        (None, ""),
        ("x", ""),
        ("1" * 9, ""),
        (-1, ""),
        ({}, ""),
    ],
)
def test_a_prefix_is_digits_or_nothing(published, prefix):
    assert country_2(cc=published).prefix == prefix


@pytest.mark.parametrize("part", [{"us": 1, "ca": 1}, {}, [], "us", 1, None, {"": 1}, {"<b>": 1}])
def test_server_3_may_write_anything_for_iso_and_prefix(part):
    text = json.dumps({"usa": {"iso": part, "prefix": part, "text_en": "USA"}})
    assert parse_countries(3, text).rows[0].iso in {"US", ""}


@pytest.mark.parametrize(
    ("published", "price"),
    [
        (1.2, Decimal("1.2")),
        ("1.20", Decimal("1.20")),
        (3, Decimal(3)),
        (0, Decimal(0)),
        (1e-1, Decimal("0.1")),
        (0.123456, Decimal("0.1235")),
        (999_999, Decimal(999_999)),
    ],
)
def test_a_price_is_a_number_or_a_numeric_string(published, price):
    assert service_3(Price=published).price == price


@pytest.mark.parametrize(
    "published",
    [
        -1,
        "-1",
        "free",
        "",
        "1,20",
        "$1.20",
        " 1",
        None,
        True,
        [],
        {},
        float("nan"),
        float("inf"),
        "NaN",
        1e6,
        1e-9,
        10**30,
    ],
)
def test_a_price_that_is_none_is_not_published(published):
    assert service_3(Price=published).price is None


@pytest.mark.parametrize("digits", ["1e999999999999999999999", "1e999999999", "-1e999999", "1e-999999999"])
def test_a_price_beyond_all_bounds_is_not_published(digits):
    assert parse_services(3, f'{{"whatsapp": {{"Price": {digits}}}}}').rows[0].price is None


@pytest.mark.parametrize(
    ("published", "stock"), [(450, 450), ("450", 450), (0, 0), (450.0, 450), (2**31 - 1, 2**31 - 1)]
)
def test_a_stock_is_a_whole_number(published, stock):
    assert service_3(Qty=published).stock == stock


@pytest.mark.parametrize("published", [-1, 1.5, "many", None, True, [], 2**31, 10**30, float("inf")])
def test_a_stock_that_is_none_is_not_published(published):
    assert service_3(Qty=published).stock is None


def test_a_row_of_server_3_that_publishes_nothing_is_rejected():
    found = parse_services(3, '{"whatsapp": {"Qty": 1}, "data": {"status": 401}}')
    assert found.rejected == ("row 2: not a service",)


@pytest.mark.parametrize(("parse", "server"), READERS)
@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("", "empty"),
        ("\ufeff \n", "empty"),
        ("<html><body>Just a moment...</body></html>", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("null", "wrong shape"),
        ("12", "wrong shape"),
        ('"x"', "wrong shape"),
        ("[" + "0," * 200_001 + "0]", "too many rows"),
    ],
)
def test_what_is_no_list_is_garbled(parse, server, text, kind):
    with pytest.raises(Garbled) as caught:
        parse(server, text)
    assert (caught.value.kind, caught.value.__context__) == (kind, None)


@pytest.mark.parametrize(
    ("parse", "server", "text"),
    [
        (parse_countries, 1, "{}"),
        (parse_countries, 2, COUNTRIES_3),
        (parse_countries, 3, COUNTRIES_1),
        (parse_services, 1, '{"status":"success"}'),
        (parse_services, 1, '{"status":"success","services":{}}'),
        (parse_services, 2, SERVICES_3),
        (parse_services, 3, "[]"),
    ],
)
def test_a_list_in_another_dialect_is_garbled(parse, server, text):
    with pytest.raises(Garbled, match="wrong shape"):
        parse(server, text)


@pytest.mark.parametrize(
    ("parse", "server", "text"),
    [
        (parse_countries, 1, "[]"),
        (parse_countries, 2, '[{"id":1,"name":"x"}]'),
        (parse_countries, 3, "{}"),
        (parse_services, 1, '{"services":[null]}'),
        (parse_services, 2, "[]"),
        (parse_services, 3, '{"a":1}'),
    ],
)
def test_a_list_without_a_usable_row_is_garbled(parse, server, text):
    with pytest.raises(Garbled, match="no usable row"):
        parse(server, text)


@pytest.mark.parametrize(("parse", "server"), READERS)
@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("BAD_KEY", BadKey),
        ('"BAD_KEY"', BadKey),
        ('{"status":"error","message":"BAD_KEY"}', BadKey),
        ('{"success":false,"error_code":"NO_KEY"}', BadKey),
        ('{"code":"invalid_key","message":"Invalid API Key","data":{"status":401}}', BadKey),
        ("BAD_ACTION", Refused),
        ("WRONG_COUNTRY", Refused),
        ("ERROR_SQL", ServerFault),
        ("NO_NUMBERS", Garbled),
        ("bad_key", Garbled),
    ],
)
def test_an_error_word_in_place_of_a_list_raises_its_error(parse, server, text, error):
    with pytest.raises(error) as caught:
        parse(server, text)
    assert type(caught.value) is error


@pytest.mark.parametrize(("parse", "server"), READERS)
def test_a_list_that_is_too_long_is_not_even_read_for_an_error_word(parse, server):
    with pytest.raises(Garbled, match="too many rows"):
        parse(server, '{"status":"error","message":"BAD_KEY","x":[' + "[]," * 200_001 + "[]]}")


VALUES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
KEYS = st.sampled_from(["id", "ID", "code", "eng", "name", "visible", "short_name", "cc", "iso", "prefix", "text_en"])
ROWS = st.dictionaries(
    KEYS | st.sampled_from(["Category", "Qty", "Price"]), VALUES | st.dictionaries(st.text(), VALUES, max_size=2)
)
BODIES = (
    st.lists(ROWS | VALUES)
    | st.dictionaries(st.text(max_size=9), ROWS | VALUES)
    | st.fixed_dictionaries({"services": st.lists(ROWS)})
)


@pytest.mark.parametrize(("parse", "server"), READERS)
@settings(max_examples=60, derandomize=True, database=None)
@given(text=BODIES.map(json.dumps) | st.text())
def test_any_text_is_rows_or_one_of_our_errors(parse, server, text):
    try:
        found = parse(server, text)
    except (Garbled, Refused, ServerFault):
        return
    assert found.rows
    assert len({row.code for row in found.rows}) == len(found.rows)
    assert all(row.name.strip() and len(row.name) <= 120 and row.name.encode() for row in found.rows)
