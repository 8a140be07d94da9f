"""The file for spreadsheets: what stands in it, and that no cell of it is a formula."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from orders.code_visibility import CodeVisibility
from orders.models import Export, Order, TooManyExports
from orders.reports import export
from orders.reports.export import escape_formula, lines
from tests.factories import make_order, make_received

pytestmark = pytest.mark.django_db

STARTS = [
    "=",
    "+",
    "-",
    "@",
    "\t",
    "\r",
    "\n",
    "\uff1d",
    "\uff0b",
    "\uff0d",
    "\uff20",
    "\u2212",
    " =",
    "\u200b=",
    "\ufeff=",
    "\n=",
    "\t=",
    "'=",
]
PAYLOADS = [start + deed for start in STARTS for deed in ("1+1", "cmd|' /C calc'!A0", 'HYPERLINK("http://x";"y")')]
SEES_ALL = CodeVisibility(may_see=True)


def exported(sight=SEES_ALL):
    text = "".join(lines(Order.objects.all(), sight)).removeprefix(export.BOM)
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read_back(cell):
    """What docs/history.md says."""
    inside = rf"(^|[{export.SEPARATORS}])'(?={export.BLANKS}[{export.SIGNS}])"
    return re.sub(rf"^'(?={export.BLANKS}[{export.BREAKS}])|{inside}", r"\1", cell)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_cell_is_text_whatever_it_begins_with(payload):
    make_received(text=payload, note=payload, service_name=payload)
    row = exported()[0]
    assert {row[name][0] for name in ("Codes", "For", "Service")} == {"'"}
    assert {read_back(row[name]) for name in ("Codes", "For", "Service")} == {payload}


def test_there_are_payloads_enough():
    assert len(PAYLOADS) >= 30


@pytest.mark.parametrize("separator", [";", "\t", "|", "\n", "\r\n"])
def test_no_formula_begins_where_a_spreadsheet_splits_at_another_sign(separator):
    assert escape_formula(f"a{separator}=1+1").split(separator)[1] == "'=1+1"


def test_a_number_reads_back_as_it_was():
    make_order("waiting", phone="12025550123")
    cell = exported()[0]["Number"]
    assert (cell, read_back(cell)) == ("'+12025550123", "+12025550123")


@given(st.text(alphabet=st.one_of(st.sampled_from("'=;\t\r\n -+a\u200b\uff1d"), st.characters())))
def test_every_text_reads_back_as_it_was(text):
    assert read_back(escape_formula(text)) == text


def test_a_message_of_several_lines_stays_as_it_is():
    assert escape_formula("Your code:\r\n\r\n123456") == "Your code:\r\n\r\n123456"


def test_every_cell_is_quoted_and_quotes_are_doubled():
    make_order("waiting", note='say "yes", twice')
    text = "".join(lines(Order.objects.all(), SEES_ALL))
    assert '"say ""yes"", twice"' in text
    assert all(re.fullmatch(r'\ufeff?"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*', line) for line in text.split("\r\n")[:-1])


def test_a_masked_code_stays_masked():
    order = make_received(text="889922")
    order.codes.create(text="771144", received_at=timezone.now() - timedelta(hours=48))
    assert exported(CodeVisibility(may_see=False))[0]["Codes"] == "••••44\n••••22"
    assert (
        exported(CodeVisibility(may_see=True, masked_before=timezone.now() - timedelta(hours=24)))[0]["Codes"]
        == "••••44\n889922"
    )


def test_an_unknown_price_is_empty_and_never_nought():
    make_order("waiting", price=None)
    assert exported()[0]["Price (dollars)"] == ""


def test_all_orders_are_in_it_newest_first(monkeypatch):
    monkeypatch.setattr(export, "CHUNK", 3)
    orders = [make_order("closed") for _ in range(8)]
    assert [row["Order"] for row in exported()] == [str(order.pk) for order in reversed(orders)]


def test_questions_to_the_database_grow_with_chunks_and_not_with_rows(django_assert_num_queries):
    [make_received() for _ in range(5)]
    with django_assert_num_queries(4):
        exported()


# --- How often


def test_a_member_takes_five_files_an_hour(member, colleague):
    [Export.begin(member, "?server=3") for _ in range(5)]
    with pytest.raises(TooManyExports):
        Export.begin(member, "")
    assert Export.begin(colleague, "").member == colleague
    assert Export.objects.filter(member=member).count() == 5


def test_the_next_file_is_possible_an_hour_after_the_first(member):
    now = timezone.now()
    for minutes in (61, 50, 40, 30, 20, 10):
        Export.objects.create(member=member, at=now - timedelta(minutes=minutes))
    with pytest.raises(TooManyExports) as many:
        Export.begin(member, "")
    assert many.value.until == now + timedelta(minutes=10)
