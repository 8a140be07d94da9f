import pytest
from django.core.management import CommandError, call_command

from catalog.matching import matches
from catalog.models import Brand, Decision, Listing
from legitsms import Country, Garbled, Rows, Service
from tests.factories import make_service

pytestmark = pytest.mark.django_db


def run(capsys, name, *arguments, **options):
    call_command(name, *arguments, **options)
    return capsys.readouterr()


# --- Reading the lists now


@pytest.fixture
def lists(upstream_client):
    """One country with one service on every server."""

    def answer():
        kind = upstream_client.calls[-1]
        row = Country("us", "USA", "US", "1") if kind == "get_countries" else Service("wa", "WhatsApp", None, None)
        return Rows((row,), ())

    upstream_client.answers = [answer]
    return upstream_client


def test_every_list_that_needs_no_country_is_read_and_told(capsys, lists):
    told = run(capsys, "refresh_catalog").out.splitlines()
    assert sorted(lists.asked) == [(1,), (1, None), (2,), (2, None), (3,)]
    assert "services of server 2: 1 rows, 1 new, 0 gone" in told


def test_the_lists_of_single_countries_are_read_when_they_are_asked_for(capsys, lists):
    told = run(capsys, "refresh_catalog", "--countries").out.splitlines()
    assert (3, "us") in lists.asked
    assert told[-1] == "services of server 3 us: 1 rows, 1 new, 0 gone"


def test_one_server_alone_can_be_read(capsys, lists):
    run(capsys, "refresh_catalog", "--server", "2")
    assert sorted(lists.asked) == [(2,), (2, None)]


def test_a_list_that_cannot_be_read_is_told_and_the_others_are_read(capsys, lists):
    lists.answers = [Garbled("empty"), *lists.answers]
    told = run(capsys, "refresh_catalog").out
    assert "countries of server 1: empty" in told
    assert Listing.objects.exclude(refreshed_at=None).count() == 4


def test_names_that_may_be_the_same_are_looked_for(capsys, lists, monkeypatch):
    looked = []
    monkeypatch.setattr(matches, "suggest", looked.append)
    run(capsys, "refresh_catalog")
    assert looked == ["sandbox"]


# --- Decisions leave and enter

HEAD = "server,code,verdict,brand_key\n"


@pytest.fixture
def names():
    """WhatsApp on server 1, and what a person may call the same on server 2."""
    return make_service("wa", "WhatsApp"), make_service("77", "Wotsapp", server=2)


def brand_of(service):
    return service.brands.get().key


@pytest.fixture
def table(tmp_path, capsys):
    """Imports a file with this text."""
    file = tmp_path / "decisions.csv"

    def import_(text):
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return run(capsys, "import_decisions", file)

    return import_


def test_what_was_decided_is_exported(capsys, names):
    matches.decide(names[1], Brand.objects.get(key="whatsapp"), "same", None)
    assert run(capsys, "export_decisions").out == f"{HEAD}2,77,same,whatsapp\n"


def test_what_was_exported_is_imported_and_joined_by(capsys, names, table):
    matches.decide(names[1], Brand.objects.get(key="whatsapp"), "same", None)
    exported = run(capsys, "export_decisions").out
    matches.undo(Decision.objects.get())
    assert table(exported).out == "1 decisions taken over\n"
    assert brand_of(names[1]) == "whatsapp"


def test_a_decision_that_is_imported_twice_is_one(names, table):
    [table(f"{HEAD}2,77,{verdict},whatsapp\n") for verdict in ("different", "same", "same")]
    assert Decision.objects.get().verdict == "same"


def test_a_file_that_was_saved_by_a_spreadsheet_is_read(names, table):
    table(b"\xef\xbb\xbf" + HEAD.replace("\n", "\r\n").encode() + b"2,77,same,whatsapp\r\n")
    assert brand_of(names[1]) == "whatsapp"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("4,77,same,whatsapp", "there is no server «4»"),
        ("x,77,same,whatsapp", "there is no server «x»"),
        ("2,78,same,whatsapp", "server 2 lists no service with the code «78»"),
        ("2,77,equal,whatsapp", "«equal» is none of same, different, new"),
        ("2,77,same,telegram", "there is no brand «telegram»"),
        ("2,77,same", "there is no brand «»"),
        ("2,a\0b,same,whatsapp", "no usable code or brand"),
        (f"2,77,same,{'x' * 200}", "no usable code or brand"),
    ],
)
def test_a_row_that_means_nothing_here_is_left_out_with_its_reason(names, table, row, reason):
    said = table(f"{HEAD}{row}\n2,77,same,whatsapp\n")
    assert (said.err, said.out) == (f"line 2 left out: {reason}\n", "1 decisions taken over\n")


@pytest.mark.parametrize("text", ["", "server,code\n", b"\xff\xfe\x00", "a\n\n"])
def test_a_file_that_is_no_table_of_decisions_changes_nothing(names, table, text):
    with pytest.raises(CommandError, match=r"decisions\.csv"):
        table(text)
    assert not Decision.objects.exists()


def test_a_file_that_is_not_there_is_told(capsys, tmp_path):
    with pytest.raises(CommandError, match="cannot be read"):
        run(capsys, "import_decisions", tmp_path / "nothing.csv")


def test_an_upgrade_with_other_facts_joins_the_rows_anew_once(data_dir):
    service = make_service("wa", "WhatsApp")
    call_command("rematch_catalog", "--if-facts-changed")
    assert list(service.brands.values_list("name", flat=True)) == ["WhatsApp"]
    service.brands.clear()
    call_command("rematch_catalog", "--if-facts-changed")
    assert not service.brands.exists()
