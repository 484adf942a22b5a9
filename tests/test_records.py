import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.records import MAX_BYTES, MAX_PROBLEMS, BadLogFileError, Record, read_log_file, require_records

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
        ("s1, 2,1", " 2", "is not a severity"),
        ("s1,SEV2,1", "SEV2", "is not a severity"),
        ("s1,2,0", "0", "is not a timestamp, expected a whole number from 1"),
        ("s1,2,1.5", "1.5", "is not a timestamp"),
        ("s1,2,-4", "-4", "is not a timestamp"),
        ("s1,2,2147483648", "2147483648", "is not a timestamp"),
        ("s1,2,٣", "٣", "is not a timestamp"),
        ("s1,2," + "9" * 5000, "9" * 5000, "is not a timestamp"),
        (",2,1", "", "is not a serverID"),
        ('"s1",2,1', '"s1"', "is not a serverID"),
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
        require_records(read_log_file("x.csv", b"bad\nworse\n"))
    assert "x.csv, line 1: 'bad'" in str(caught.value)
    assert "(and 1 more)" in str(caught.value)
    assert "Nothing was delivered" in caught.value.advice


def test_a_long_value_is_shortened_in_the_sentence():
    assert len(str(problem(b"x" * 10_000 + b"\n"))) < 200
