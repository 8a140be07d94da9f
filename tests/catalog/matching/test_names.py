"""Names made normal, and bundles taken apart."""

import unicodedata

import pytest
from hypothesis import given

from catalog.matching.rules import KEY_LENGTH, normalize, split_bundle
from tests.catalog.strangers import ANY_TEXT, HOSTILE


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("WhatsApp", "whatsapp"),
        (" Whats-App\r\n", "whatsapp"),
        ("Şikayet var", "sikayetvar"),
        ("Côte d'Ivoire", "cotedivoire"),
        ("Disney+", "disneyplus"),
        ("AT&T", "atandt"),
        ("24/7", "247"),
        ("1688", "1688"),
        ("\uff2c\uff49\uff4e\uff45", "line"),
        ("Вкусно и Точка", "вкусноиточка"),
        ("炙热星河", "炙热星河"),
        ("Tüv", "tuv"),
    ],
)
def test_a_normal_name_has_no_case_accents_punctuation_or_blanks(name, key):
    assert normalize(name) == key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("X", "x-"),
        ("C", "C+"),
        ("Disney", "Disney+"),
        ("612", "613"),
        ("1Q", "Q"),
        ("Ok", "Ok.ru"),
        ("T\u201ao Taxi", "To Taxi"),
        ("Caf\ufffd", "Caf"),
        ("---", ""),
        (":)", ":("),
        ("Line", "Line2"),
    ],
)
def test_different_names_stay_different(one, other):
    assert normalize(one) != normalize(other)


@given(ANY_TEXT)
def test_a_normal_name_is_its_own_normal_name(name):
    assert normalize(normalize(name)) == normalize(name)


@given(ANY_TEXT)
def test_a_normal_name_can_be_stored_and_shown(name):
    assert normalize(name).encode().decode() == normalize(name)
    assert len(normalize(name)) <= KEY_LENGTH
    assert not any(unicodedata.category(sign).startswith(("C", "Z")) for sign in normalize(name))


# --- Bundles


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Google,youtube,Gmail", ("Google", "youtube", "Gmail")),
        ("Google, Gmail", ("Google", "Gmail")),
        ("Amazon / Amazon Web Services", ("Amazon", "Amazon Web Services")),
        ("Instagram+Threads", ("Instagram", "Threads")),
        ("Twitter / X", ("Twitter", "X")),
        ("Alipay/Alibaba/1688", ("Alipay", "Alibaba", "1688")),
        ("MyPoints / ySense/ Noones", ("MyPoints", "ySense", "Noones")),
    ],
)
def test_a_bundle_is_split(name, expected):
    assert split_bundle(name) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("AT&T", "C+", "24/7", "Disney+", "Canal+", "BIGO LIVE", "Yalla.live", "7-Eleven", "AC/DC", "100/200"),
        *("Disney+ Hotstar", "Example, Inc.", "https://example.org/", *HOSTILE),
    ],
)
def test_one_name_stays_one(name):
    assert split_bundle(name) == (name,)
