import codecs
import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.records import (
    MAX_BYTES,
    MAX_EXPLAINED,
    MAX_PROBLEMS,
    BadLogFileError,
    Record,
    read_log_file,
    require_records,
)

HERE = Path(__file__).parent
GOLDEN = HERE / "golden" / "log_files.txt"

servers = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,10}", fullmatch=True)
records = st.builds(Record, servers, st.integers(0, 2), st.integers(1, 2**31 - 1))


def problem(data):
    file = read_log_file("x.csv", data)
    assert len(file.problems) == 1
    return file.problems[0]


@given(st.lists(records, min_size=1))
def test_what_is_written_as_records_is_read_as_records(written):
    data = "".join(f"{r.serverID},{r.severity},{r.timestamp}\n" for r in written).encode()
    file = read_log_file("x.csv", data)
    assert list(file.records) == written
    assert file.problems == ()
    assert file.window == (min(r.timestamp for r in written), max(r.timestamp for r in written))


@given(st.binary())
def test_any_bytes_are_read_or_explained(data):
    file = read_log_file("x.csv", data)
    assert file.records or file.problems
    for found in file.problems:
        assert str(found).startswith("x.csv")


@pytest.mark.parametrize(
    ("line", "value", "reason"),
    [
        ("s1,2", "s1,2", "has 2 values, expected 3"),
        ("s1,2,3,4", "s1,2,3,4", "has 4 values"),
        ("s1,3,1", "3", "is not a severity, expected 0, 1 or 2"),
        ("s1,-1,1", "-1", "is not a severity"),
        ("s1, 2,1", " 2", "has a blank before or after the value"),
        ("s1,\u0662,1", "\u0662", "is not a severity"),
        ("s1,SEV2,1", "SEV2", "is not a severity"),
        ("s1,2,0", "0", "is not a timestamp, expected a whole number from 1"),
        ("s1,2,1.5", "1.5", "is not a timestamp"),
        ("s1,2,-4", "-4", "is not a timestamp"),
        ("s1,2,2147483648", "2147483648", "is not a timestamp"),
        ("s1,2,٣", "٣", "is not a timestamp"),
        ("s1,2," + "9" * 5000, "9" * 5000, "is not a timestamp"),
        (",2,1", "", "has no serverID"),
        ('"s1",2,1', '"s1"', "is in quotation marks"),
        ("serverID,severity,timestamp", "serverID,severity,timestamp", "is a header"),
        ("", "", "is blank"),
        ("s1,2,1\r", "s1,2,1", "ends in CRLF"),
    ],
)
def test_a_line_that_is_no_record_is_named_with_file_line_and_value(line, value, reason):
    found = problem(f"s1,2,1\n{line}\ns1,2,1\n".encode())
    assert (found.file, found.line, found.value) == ("x.csv", 2, value)
    assert reason in found.reason
    assert "line 2" in str(found)


@pytest.mark.parametrize(
    ("data", "line", "reason"),
    [
        (b"", 0, "is empty"),
        (b" \n\n", 0, "is empty"),
        (b"\xef\xbb\xbfs1,2,1\n", 1, "byte order mark"),
        (b"s1,2,1\ns\xff,2,1\n", 2, "is not UTF-8"),
        (b"s1,2,1\n" * (MAX_BYTES // 7 + 1), 0, "more than the 1,000,000"),
    ],
)
def test_a_file_that_is_no_log_file_says_why(data, line, reason):
    found = problem(data)
    assert found.line == line
    assert reason in found.reason


def test_a_file_without_a_last_line_end_is_whole():
    assert len(read_log_file("x.csv", b"s1,2,1\ns1,2,2").records) == 2


def test_good_lines_of_a_bad_file_are_kept_and_problems_are_bounded():
    file = read_log_file("x.csv", b"s1,2,1\n" + b"bad\n" * 100)
    assert file.records == (Record("s1", 2, 1),)
    assert len(file.problems) == MAX_PROBLEMS


def test_the_refusal_names_the_first_problem_and_what_to_do():
    with pytest.raises(BadLogFileError) as caught:
        require_records(read_log_file("x.csv", b"bad\ns1,7,1\n"), "Correct it.")
    assert "x.csv, line 1: 'bad'" in str(caught.value)
    assert "(and 1 more)" in str(caught.value)
    assert caught.value.advice == "Correct it."


def test_a_long_value_is_shortened_in_the_sentence():
    assert len(str(problem(b"x" * 10_000 + b"\n"))) < 200


def zipped(*names):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), b"s1,2,1\n")
    return held.getvalue()


RIGHT = "s1,2,1\ns1,0,2\ns1,2,3\n"
# In some versions of Python, the tenth byte depends on the system.
GZIP = gzip.compress(RIGHT.encode(), mtime=0)
HEADERS = [
    "SERVERID;SEVERITY;TIMESTAMP",
    "server_id,severity,time",
    "serverID\tseverity\ttimestamp",
    '"serverID","severity","timestamp"',
]
SERVERS = [
    "",
    "-",
    "+s1",
    ".s1",
    "_",
    "s 1",
    "s\u00e9rveur",
    "se\u0301rveur",
    "\u0441\u0435\u0440\u0432",
    "s1:8080",
    "s\uff11",
    "'s1'",
]
SEVERITIES = ["", "SEV2", "sev-0", "2.0", "-1", "+2", "high", "7", "02", "\uff12", "2 ", "0x2", "\u22121", "?"]
CLOCK_TIMES = ["12:30", "9:05:00 PM", "2026-11-27", "27/11/2026", "2026-11-27T12:30:00Z", "1700000000000"]
TIMESTAMPS = [
    "",
    "0",
    "00",
    "-4",
    "1.0",
    "1,5",
    "1e3",
    "t1",
    " 1",
    "1 000",
    "1'000",
    "2147483648",
    "\uff11",
    *CLOCK_TIMES,
]
FILES = {
    "empty": b"",
    "blank": "\u00a0\n\n".encode(),
    "mac": RIGHT.replace("\n", "\r").encode(),
    "mac with semicolons": b"s1;2;1\rs1;0;2\r",
    "windows": RIGHT.replace("\n", "\r\n").encode(),
    "windows without a last end": b"s1,2,1\r\ns1,0,2",
    "windows in one line": b"s1,2,1\ns1,0,2\r\ns1,2,3\n",
    "a return inside": b"s1,2,1\rs1,0,2\ns1,2,3\n",
    "a sheet of Excel's": b"\xef\xbb\xbfserverID;severity;timestamp\r\ns1;2;1\r\ns1;0;2\r\n",
    "mark of UTF-8": b"\xef\xbb\xbf" + RIGHT.encode(),
    "mark of UTF-8 in the middle": b"s1,2,1\n\xef\xbb\xbfs1,0,2\n",
    "UTF-16 LE with a mark": codecs.BOM_UTF16_LE + RIGHT.encode("utf-16-le"),
    "UTF-16 BE with a mark": codecs.BOM_UTF16_BE + RIGHT.encode("utf-16-be"),
    "UTF-16 LE": RIGHT.encode("utf-16-le"),
    "UTF-16 BE": RIGHT.encode("utf-16-be"),
    "UTF-32 LE with a mark": codecs.BOM_UTF32_LE + RIGHT.encode("utf-32-le"),
    "UTF-32 BE": RIGHT.encode("utf-32-be"),
    "Latin-1": b"s1,2,1\ns\xe9rveur,0,2\n",
    "gzip": GZIP[:9] + b"\x03" + GZIP[10:],
    "zip": zipped("s115.csv"),
    "xlsx": zipped("[Content_Types].xml", "xl/workbook.xml"),
    "xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100),
    "PDF": b"%PDF-1.7\n",
    "web page": b"\n<!DOCTYPE html>\n<html>\n",
    "rich text": b"{\\rtf1\\ansi s1,2,1}\n",
    "binary": bytes(range(256)),
    "NUL byte": b"s1,2,1\ns1\x00,0,2\n",
    "JSON": b'{"serverID": "s1", "severity": 2, "timestamp": 1}\n' * 3,
    "comment": b"# my records\n" + RIGHT.encode(),
    "a whole line in quotes": b'"s1,2,1"\n"s1,0,2"\n',
    "quotes of a word processor": "\u201cs1\u201d,2,1\n".encode(),
    "tabs": b"s1\t2\t1\n" * 11,
    "pipes": b"s1|2|1\n" * 11,
    "blanks": b"s1 2 1\n" * 11,
    "blanks behind commas": b"s1, 2, 1\n" * 11,
    "full-width commas": "s1\uff0c2\uff0c1\n".encode(),
    "two separators": b"s1;2,1\n",
    "a comma at the end": b"s1,2,1,\n" * 11,
    "semicolons at the end": b"s1,2,1;;\n",
    "non-breaking blank": "s1,2,\u00a01\n".encode(),
    "zero-width blank": "s1,2,1\u200b\n".encode(),
    "blank lines at the end": b"s1,2,1\n\n\n \n",
    "a blank line at the end": b"s1,2,1\n\n",
    "a blank line inside": b"s1,2,1\n\ns1,0,2\n",
    "header, then semicolons": b"serverID,severity,timestamp\n" + b"s1;2;1\n" * 10,
    "another order": b"1,s1,2\n2,s1,0\n",
    "few and many values": b"s1\ns1,2\ns1,2,1,5\n",
    "clock times, each another": b"s1,2,12:30\ns1,2,12:31\ns1,0,12:45:10\n",
    "more than are explained": b"s1;2;1\n" * (MAX_EXPLAINED + 1),
    **{f"header {each}": f"{each}\n{RIGHT}".encode() for each in HEADERS},
    **{f"server {each}": f"{each},2,1\n".encode() for each in SERVERS},
    **{f"severity {each}": f"s1,{each},1\n".encode() for each in SEVERITIES},
    **{f"timestamp {each}": f"s1,2,{each}\n".encode() for each in TIMESTAMPS},
}


def test_every_fault_gets_the_sentence_that_is_written_down():
    """After an intended change: LAB_WRITE_GOLDEN=1 pytest tests/test_records.py, then read the difference."""
    files = {path.name: path.read_bytes() for path in sorted((HERE / "log_files").iterdir())} | FILES
    parts = []
    for title, data in files.items():
        said = [str(problem) for problem in read_log_file("x.csv", data).problems]
        assert said, title
        parts.append("\n".join([f"{title!r}: {data[:60]!r}", *said, ""]))
    transcript = "\n".join(parts)
    if os.environ.get("LAB_WRITE_GOLDEN"):
        GOLDEN.write_text(transcript, encoding="utf-8")
    assert transcript == GOLDEN.read_text(encoding="utf-8")


@given(st.lists(records, min_size=2), st.sampled_from(";\t|"))
def test_a_fault_of_all_lines_is_said_once(written, separator):
    data = "".join(f"{separator.join(map(str, record))}\n" for record in written).encode()
    found = problem(data)
    assert found.lines == len(written)
    assert ("both" if len(written) == 2 else f"all {len(written)}") in str(found)


@given(
    st.lists(records), st.lists(st.sampled_from(["bad", "s1,7,1", "", "s1;2;1", "severity,serverID,x"]), max_size=30)
)
def test_each_line_that_is_no_record_is_in_one_problem(written, faulty):
    lines = [",".join(map(str, record)) for record in written] + faulty + ["bad"]
    file = read_log_file("x.csv", "".join(f"{line}\n" for line in lines).encode())
    assert len(file.records) == len(written)
    assert file.unreadable == len(faulty) + 1 or len(file.problems) == MAX_PROBLEMS


def test_good_lines_behind_those_that_are_explained_are_read():
    file = read_log_file("x.csv", b"bad\n" * (MAX_EXPLAINED + 1) + b"s1,2,1\n")
    assert file.records == (Record("s1", 2, 1),)
    assert "the first 2,000 lines" in str(file.problems[0])
