"""What joins over the servers and, above all, what does not."""

import pytest
from hypothesis import given

from catalog.matching.rules import BrandKey, PlaceKey, facts, suggestions
from tests.catalog.strangers import ANY_TEXT, HOSTILE


def brands(name, server=1):
    return [brand.name for brand in facts().brands(name, server)]


def joins(one, other):
    return {b.key for b in facts().brands(one, 1)} & {b.key for b in facts().brands(other, 2)}


# --- Places


@pytest.mark.parametrize(
    ("name", "iso", "prefix", "place"),
    [
        ("England", "GB", "44", "GB"),
        ("uk", "", "", "GB"),
        ("Usa", "", "", "US"),
        ("Southkorea", "", "", "KR"),
        ("Korea", "", "", "KR"),
        ("Congo", "", "", "CG"),
        ("DR Congo", "", "", "CD"),
        ("Ivory Coast", "CI", "225", "CI"),
        ("Swaziland", "SZ", "", "SZ"),
        ("Macao", "", "", "MO"),
        ("Macau", "MO", "853", "MO"),
        ("Kosovo", "", "", "XK"),
        ("Cape Verde", "CV", "238", "CV"),
        ("Czech", "", "", "CZ"),
        ("Hong Kong", "", "", "HK"),
        ("Laos", "", "", "LA"),
        ("Reunion", "RE", "262", "RE"),
        ("Türkiye", "", "", "TR"),
        ("Papua", "", "", "PG"),
        ("France", "FR", "33", "FR"),
        ("French Guiana", "FR", "594", "GF"),  # server 3 claims FR
        ("frenchguiana", "FR", "", "GF"),
        ("Antigua & Barbuda", "AG", "1268", "AG"),
        ("Nobody Knows", "SC", "248", "SC"),  # the server's word, which its prefix supports
    ],
)
def test_a_country_is_known_by_name_or_iso(name, iso, prefix, place):
    assert facts().place(name, iso, prefix=prefix) == PlaceKey(place, "")


@pytest.mark.parametrize(
    ("name", "iso", "prefix"),
    [
        ("Atlantis", "", ""),
        ("Atlantis", "QQ", ""),
        ("Congo", "CG", "243"),  # the numbers are of the other Congo
        ("Georgia", "US", ""),
        ("Germany", "DE", "44"),
        ("Virgin Islands", "", ""),  # British, or of the United States
    ],
)
def test_a_country_that_is_unknown_or_contradicts_itself_stays_apart(name, iso, prefix):
    assert facts().place(name, iso, prefix=prefix) is None


@pytest.mark.parametrize(
    ("name", "code", "variant"),
    [("USA (virtual)", "12", "virtual"), ("Usa", "12", "virtual"), ("USA", "187", ""), ("United States", "", "")],
)
def test_virtual_and_physical_usa_are_two_offers_of_one_place(name, code, variant):
    assert facts().place(name, server=1, code=code) == PlaceKey("US", variant)


# --- Brands


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Whatsapp", "WhatsApp"),
        ("VK", "vkontakte"),
        ("Twitter", "Twitter / X"),
        ("X", "Twitter"),
        ("OpenAI", "OpenAI / ChatGPT"),
        ("Google,youtube,Gmail", "Google/Gmail"),
        ("Google,youtube,Gmail", "YouTube"),
        ("Instagram+Threads", "instagram"),
        ("Amazon", "Amazon / Amazon Web Services"),
        ("LINE Messenger", "Line"),
        ("Ok.ru", "odnoklassniki"),
        ("Tencent QQ", "Tencent / QQ"),
        ("Quipp", "quipp"),  # known to no fact
    ],
)
def test_names_of_one_brand_join(one, other):
    assert joins(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Other", "Other"),
        ("Any other", "other1"),
        ("612", "612"),
        ("612", "613"),
        ("Ok", "Ok"),
        ("GG", "GG"),
        ("Foxtrot", "Foxtrot"),
        ("EasyPay", "Easy Pay"),
        ("x-", "X"),
        ("Line", "Line2"),
        ("Telegram", "Telegram 2.0"),
        ("Uber", "Uber Eats"),
        ("Yandex", "YandexGo"),
        ("", ""),
        ("\ud800", "\ud801"),
        ("x" * 300, "x" * 300),
    ],
)
def test_names_that_may_be_different_brands_do_not(one, other):
    assert not joins(one, other)


def test_a_known_brand_is_shown_as_its_owner_writes_it():
    assert brands("Google,youtube,Gmail") == ["Google", "YouTube"]


def test_an_unknown_brand_is_shown_as_its_server_writes_it():
    assert facts().brands("Nobody's Shop", 2) == (BrandKey("nobodysshop", "Nobody's Shop"),)


def test_a_generic_name_is_marked_and_belongs_to_its_server():
    assert facts().brands("Other", 3) == (BrandKey("3:other", "Other", is_generic=True),)


def test_an_alias_may_hold_for_one_server_alone():
    assert brands("delivery", 3) == ["Delivery Club"]
    assert brands("delivery", 2) == ["delivery"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_a_brand_and_no_place(name):
    assert facts().brands(name, 1)
    assert facts().place(name, name, prefix=name, server=1, code=name) is None


@given(ANY_TEXT, ANY_TEXT)
def test_every_text_has_an_answer(name, other):
    assert facts().brands(name)
    facts().place(name, other, prefix=other)
    suggestions([("1", name)], [("2", other)])
