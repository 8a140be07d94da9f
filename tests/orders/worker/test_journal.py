import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from celery.signals import worker_process_shutdown

from orders import tasks  # noqa: F401  tasks connect the signal  # noqa: F401  tasks connect the signal
from orders.worker import journal
from orders.worker.journal import RECORD_ROOM, SIZE, WRITTEN_FOR, CodeRecord, Journal, PurchaseRecord, line, parsed

FIRST = PurchaseRecord(1, "00000000-0000-4000-8000-000000000001", "550011", "12025550101")
SECOND = PurchaseRecord(2, "00000000-0000-4000-8000-000000000002", "550012", "12025550102")
CODE, SECOND_CODE = CodeRecord("live", "550011", "482913"), CodeRecord("live", "550011", "777777")
LONGEST = PurchaseRecord(2**63 - 1, "0" * 36, "Z" * 64, "9" * 20)
OFFSETS = range(len(line(SECOND)) - 1)

ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from orders.worker.journal import SIZE, Journal, PurchaseRecord
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
log = Journal(Path(sys.argv[1]))
{before}
resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
{after}
"""


def written(folder, *records):
    """The file that a journal with these entries leaves behind."""
    log = Journal(folder)
    [log.write(record) for record in records]
    return next(folder.iterdir())


def test_what_was_written_is_read_back(tmp_path):
    written(tmp_path, FIRST, SECOND)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST, SECOND.attempt: SECOND}


def test_a_folder_that_is_not_there_holds_no_entries(tmp_path):
    assert journal.purchases(tmp_path / "nothing") == {}


def test_every_process_has_a_file_of_its_own(tmp_path):
    written(tmp_path, FIRST)
    written(tmp_path, SECOND)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST, SECOND.attempt: SECOND}
    assert len(list(tmp_path.iterdir())) == 2


def test_room_is_taken_before_the_first_purchase(tmp_path):
    log = Journal(tmp_path)
    assert log.is_ready()
    assert [path.stat().st_size for path in tmp_path.iterdir()] == [SIZE]


def test_only_the_desk_itself_can_read_the_journal(tmp_path):
    path = written(tmp_path / "journal", FIRST)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_torn_last_line_is_left_out_and_the_others_count(tmp_path, offset):
    path = written(tmp_path, FIRST, SECOND)
    os.truncate(path, len(line(FIRST)) + offset)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST}


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_last_line_of_which_only_the_beginning_reached_the_disk_is_left_out(tmp_path, offset):
    path = written(tmp_path, FIRST, SECOND)
    torn = line(FIRST) + line(SECOND)[:offset]
    path.write_bytes(torn + bytes(SIZE - len(torn)))
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST}


@pytest.mark.parametrize("offset", OFFSETS)
def test_a_damaged_byte_costs_its_own_line_only(tmp_path, offset):
    path = written(tmp_path, SECOND, FIRST)
    content = bytearray(path.read_bytes())
    content[offset] ^= 0b01000000
    path.write_bytes(content)
    assert journal.purchases(tmp_path)[FIRST.attempt] == FIRST
    assert journal.purchases(tmp_path).get(SECOND.attempt, SECOND) == SECOND


@pytest.mark.parametrize("torn", [b"", b" ", b"\0" * 80, b"zzzzzzzz {}", b"2144df1c null", b"\xff\xfe", b"99914b93 {}"])
def test_a_line_that_is_no_record_is_left_out(torn):
    assert parsed(torn) is None


def test_the_longest_record_finds_its_room():
    assert len(line(LONGEST)) <= RECORD_ROOM


def test_a_full_file_is_followed_by_another(tmp_path):
    log = Journal(tmp_path)
    log.write(FIRST)
    log.end = SIZE - RECORD_ROOM + 1
    assert log.is_ready()
    log.write(SECOND)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST, SECOND.attempt: SECOND}
    assert len(list(tmp_path.iterdir())) == 2


def test_a_record_written_after_a_look_at_the_file_is_seen_at_the_next(tmp_path):
    log = Journal(tmp_path)
    log.write(FIRST)
    journal.purchases(tmp_path)
    log.write(SECOND)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST, SECOND.attempt: SECOND}


def test_codes_are_read_back_in_their_order_beside_the_purchases(tmp_path):
    path = written(tmp_path, CODE, FIRST, SECOND_CODE)
    assert journal.codes(tmp_path) == {path: [CODE, SECOND_CODE]}
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST}


@pytest.mark.parametrize("text", ["\U0001f600" * 1000, "one\ntwo\r\n", '{"order": 1}', "\ud800"])
def test_a_code_of_any_length_and_alphabet_is_read_back_word_for_word(tmp_path, text):
    odd = CodeRecord("live", "550011", text)
    written(tmp_path, *[CodeRecord("live", str(n), text) for n in range(9)], odd)  # at its longest, more than one file
    assert odd in {one for found in journal.codes(tmp_path).values() for one in found}


def test_a_code_that_is_heard_again_and_again_is_written_once(tmp_path):
    path = written(tmp_path, CODE, SECOND_CODE, CODE, CODE)
    assert path.read_bytes().rstrip(b"\0").count(b"\n") == 2


def test_many_threads_write_side_by_side(tmp_path):
    log = Journal(tmp_path)
    told = [CodeRecord("live", str(n), "482913") for n in range(400)]
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(log.write, told))
    assert {one for found in journal.codes(tmp_path).values() for one in found} == set(told)


def test_after_half_a_day_the_next_file_begins_so_that_old_ones_can_be_forgotten(tmp_path):
    log = Journal(tmp_path)
    log.write(FIRST)
    log.began -= WRITTEN_FOR.total_seconds() + 1
    assert log.is_ready()
    assert len(list(tmp_path.iterdir())) == 2


def test_a_file_that_another_process_forgets_meanwhile_is_not_there(tmp_path):
    gone = tmp_path / "1-gone"
    gone.symlink_to("nowhere")
    assert (journal.files(tmp_path), journal.parse(gone)) == ([], [])


def test_a_disk_that_is_full_before_the_purchase_is_noticed(tmp_path):
    said = on_a_full_disk(tmp_path, after="print(log.is_ready())")
    assert said == "False"


def test_a_disk_that_has_room_for_half_a_file_is_noticed_and_nothing_is_left_there(tmp_path):
    said = on_a_full_disk(tmp_path, after="print([log.is_ready() for _ in range(3)])", limit="SIZE // 2")
    assert (said, list(tmp_path.iterdir())) == ("[False, False, False]", [])


def test_a_record_for_which_there_is_no_whole_room_does_not_count_as_written(tmp_path):
    said = on_a_full_disk(
        tmp_path,
        before=f"assert log.is_ready()\nlog.write({FIRST!r})\nlimit = log.end + 10\n",
        limit="limit",
        after=f"""
try:
    log.write({SECOND!r})
except OSError:
    print(len(log.records))
""",
    )
    assert (said, journal.purchases(tmp_path)) == ("1", {FIRST.attempt: FIRST})


def test_a_process_that_ends_leaves_no_more_than_was_written(tmp_path):
    log = Journal(tmp_path)
    assert log.is_ready()
    log.close()
    assert list(tmp_path.iterdir()) == []
    log.write(FIRST)
    log.close()
    [path] = tmp_path.iterdir()
    assert path.stat().st_size == len(line(FIRST))
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST}


def test_what_is_written_after_the_end_stands_in_another_file(tmp_path):
    log = Journal(tmp_path)
    log.write(FIRST)
    log.close()
    log.write(SECOND)
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST, SECOND.attempt: SECOND}


def test_a_workers_child_closes_its_journal_when_it_ends(data_dir):
    assert journal.journal().is_ready()
    worker_process_shutdown.send(sender=None, pid=1, exitcode=0)
    assert list(journal.journal_dir().iterdir()) == []


def test_a_file_that_cannot_be_read_hides_no_other(tmp_path, caplog):
    written(tmp_path, FIRST, CODE)
    assert journal.is_whole(tmp_path)
    (tmp_path / "1-damaged").mkdir()
    assert (journal.purchases(tmp_path), journal.is_whole(tmp_path)) == ({FIRST.attempt: FIRST}, False)
    assert [CODE] in journal.codes(tmp_path).values()
    assert "the journal's file 1-damaged cannot be read" in caplog.text


def test_a_disk_that_is_full_afterwards_still_takes_the_answer(tmp_path):
    before = "assert log.is_ready()\nresource.setrlimit(resource.RLIMIT_FSIZE, (SIZE, SIZE))"
    on_a_full_disk(tmp_path, before=before, limit="SIZE", after=f"log.write({FIRST!r})")
    assert journal.purchases(tmp_path) == {FIRST.attempt: FIRST}


def on_a_full_disk(folder, *, after, before="", limit="0"):
    """Run `after` in a process that may make no file longer than `limit`, as on a disk without room."""
    script = ON_A_FULL_DISK.format(before=before, after=after).replace("(0, 0)", f"({limit}, {limit})")
    here = Path(__file__).parents[3]
    command = [sys.executable, "-c", script, str(folder)]
    return subprocess.run(command, check=True, capture_output=True, text=True, cwd=here).stdout.strip()
