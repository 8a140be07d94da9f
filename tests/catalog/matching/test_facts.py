"""The facts that ship with the desk: the files themselves, and what is only suggested."""

from collections import Counter

import pytest
from django_countries.data import COUNTRIES

from catalog.matching.rules import FACTS, Suggestion, _aliases, _rows, facts, normalize, suggestions

# --- The facts' files


@pytest.mark.parametrize("file", ["apart.csv", "brands.csv", "places.csv"])
def test_a_file_of_facts_is_sorted_and_names_each_once(file):
    keys = [(normalize(row["name"]), row.get("server", ""), row.get("code", "")) for row in _rows(FACTS / file)]
    assert keys == sorted(set(keys))


def test_no_alias_is_claimed_by_two_brands():
    rows = _rows(FACTS / "brands.csv")
    claimed = Counter(alias for row in rows for alias in _aliases(row["name"], row["aliases"]))
    assert [alias for alias, times in claimed.items() if times > 1] == []
    assert len(rows) >= 250


def test_every_name_that_stands_apart_may_be_claimed_for_single_servers_only():
    aliases = [pair for row in _rows(FACTS / "brands.csv") for pair in _aliases("", row["aliases"])]
    assert [key for key, server in aliases if not server and key in facts().apart] == []


def test_every_place_of_the_iso_list_is_known_and_no_other():
    assert facts().isos == {*COUNTRIES, "XK"}


@pytest.mark.parametrize("file", ["apart.csv", "brands.csv", "places.csv"])
def test_no_field_of_the_facts_is_odd(file):
    fields = [field for row in _rows(FACTS / file) for field in row.values()]
    assert [field for field in fields if field is None or field != field.strip() or not field.isprintable()] == []


# --- Suggestions


def test_a_name_spelled_alike_is_suggested():
    found = suggestions([("2:7", "Trendydol")], [("trendyol", "Trendyol"), ("telegram", "Telegram")])
    assert [(each.entry, each.brand, each.score > 90) for each in found] == [("2:7", "trendyol", True)]


def test_a_name_with_all_the_words_of_another_is_suggested():
    assert suggestions([("5", "Wing Money")], [("2:wing", "Wing")]) == [
        Suggestion("5", "Wing Money", "2:wing", "Wing", 90.0)
    ]


@pytest.mark.parametrize(
    ("name", "other"),
    [("612", "613"), ("745", "1236"), ("Line", "Line2"), ("Telegram", "Telegram 2.0"), ("32red", "23red")],
)
def test_names_that_differ_in_digits_alone_are_never_suggested(name, other):
    assert suggestions([("1", name)], [("2", other)]) == []


def test_the_best_suggestions_come_first_and_are_few():
    near = [(name, name) for name in ("whatsappa", "whatsappab", "whatsappabc", "whatsapp1")]
    assert [each.brand for each in suggestions([("1", "whatsapp")], near)] == ["whatsappa", "whatsappab"]


def test_equal_names_that_the_facts_keep_apart_are_suggested():
    assert [each.score for each in suggestions([("1", "Foxtrot")], [("2:foxtrot", "Foxtrot")])] == [100.0]


def test_no_name_at_all_is_not_suggested():
    assert suggestions([("1", "\r\n")], [("2:", "")]) == []
