"""The report on how well real lists join."""

import json
import random

import pytest

from catalog.matching.report import report

LISTS = {
    "server1_countries": [{"id": 12, "eng": "Usa"}, {"id": 187, "eng": "USA"}, {"id": 16, "eng": "United Kingdom"}],
    "server2_countries": [{"ID": 1, "name": "United States", "short_name": "US"}],
    "server3_countries": {
        "england": {"iso": {"gb": 1}, "prefix": {"+44": 1}, "text_en": "England"},
        "congo": {"iso": {"cg": 1}, "prefix": {"+243": 1}, "text_en": "Congo"},
    },
    "server1_services": {"services": [{"code": "wa", "name": "Whatsapp"}, {"code": "jb", "name": "Wing Money"}]},
    "server2_services": [{"ID": 1, "name": "WhatsApp"}, {"ID": 2, "name": "Wing"}],
    "server3_services_usa": {"whatsapp": {"Qty": 450, "Price": 1.20}, "other": {"Qty": 1, "Price": 1}},
}


@pytest.fixture
def folder(tmp_path):
    for name, rows in LISTS.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(rows), encoding="utf-8")
    return tmp_path


def test_the_report_counts_what_joins(folder):
    lines = list(report(folder, 0, random.Random(0)))
    assert lines[:2] == [
        "places: 1 on 1 and 2, 1 on 1 and 3, 0 on 2 and 3; 1 on one server alone",
        "brands: 1 on 1 and 2, 1 on 1 and 3, 1 on 2 and 3; 3 on one server alone",
    ]


def test_the_report_names_the_countries_that_nobody_knows(folder):
    assert "  3: Congo (CG, prefix 243)" in report(folder, 0, random.Random(0))


def test_a_sample_shows_joins_and_suggestions_for_checking_by_hand(folder):
    lines = list(report(folder, 100, random.Random(0)))
    assert "  1=3  GB: United Kingdom = England" in lines
    assert "  90  Wing Money ≈ Wing" in lines
