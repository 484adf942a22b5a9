"""Reading rows from the text of a result, in all forms that people use, and none from other texts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from result_forms import QUESTION, forms_of

from lab.dataset import SHIPPED
from lab.handin.grader.verdicts import expected
from lab.judge.rows import MAX_TEXT, OddLine, read_rows
from lab.lesson.results import GROUPS, compare

VOLUME, _, LOG, _ = GROUPS
KINDS = {group.kind: group for group in (VOLUME, LOG)}
CASES = [(kind, name) for kind in KINDS for name in forms_of(kind)]


def right_rows(kind):
    return [tuple(line.split()) for line in expected(KINDS[kind], SHIPPED).splitlines()]


def fits(kind, name, rows):
    return compare(KINDS[kind], forms_of(kind)[name](rows, kind), SHIPPED.batches(1)).outcome == "passed"


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_right_result_is_right_in_every_form(kind, name):
    assert fits(kind, name, right_rows(kind))


@pytest.mark.parametrize(("kind", "name"), CASES)
def test_a_wrong_result_is_wrong_in_every_form(kind, name):
    rows = right_rows(kind)
    wrong_number = [*rows[:-1], (rows[-1][0], "9")]
    missing = rows[:-1]
    more = [*rows, ("s3", "1")]
    # In a volume, this is a second value for a server; in a log, a record that nobody has written.
    another = [*rows, (rows[0][0], "4")]
    for changed in (wrong_number, missing, more, another, []):
        assert not fits(kind, name, changed)


_SERVERS = st.from_regex(r"[a-z]{1,8}[0-9]{1,3}", fullmatch=True).filter(
    # Names of the lab's own things, and t1, which is a time.
    lambda name: name.rstrip("0123456789") not in {"t", "x", "sev", "float", "int", "c", "server"}
)
_NUMBERS = st.decimals("0.01", "99", places=2).map(lambda number: f"{number:f}".rstrip("0").rstrip("."))
_TIMES = st.integers(1, 99_999).map(str)


def _reports(kind):
    values = _NUMBERS if kind == "volume" else _TIMES
    unique = (lambda row: row[0].lower()) if kind == "volume" else None
    return st.lists(st.tuples(_SERVERS, values), min_size=2, max_size=6, unique_by=unique)


@given(st.data(), st.sampled_from(CASES))
def test_any_report_reads_back_from_any_form(data, case):
    kind, name = case
    rows = data.draw(_reports(kind))
    reading = read_rows(forms_of(kind)[name](rows, kind), kind)
    assert not reading.odd
    got = [(row.server.lower(), float(row.value)) for row in reading.rows]
    assert got == [(server, float(value)) for server, value in rows]


@given(st.data(), st.sampled_from(CASES))
def test_what_was_read_is_read_again(data, case):
    kind, name = case
    reading = read_rows(forms_of(kind)[name](data.draw(_reports(kind)), kind), kind)
    again = read_rows(reading.text, kind)
    assert again.text == reading.text
    assert not again.odd


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("s1 1,3\ns2 1,5", "s1 1.3\ns2 1.5"),
        ("s1;1,3\ns2;1,5", "s1 1.3\ns2 1.5"),
        ("s1: 1,3; s2: 1,5", "s1 1.3\ns2 1.5"),
        ("s1 1,3, s2 1,5", "s1 1.3\ns2 1.5"),
        ("s1, 1,3\ns2, 1,5", "s1 1.3\ns2 1.5"),
        ("| s1 | 1,3 |\n| s2 | 1,5 |", "s1 1.3\ns2 1.5"),
        ("s1 = 13/10 = 1.3\ns2 = 15/10 = 1.5", "s1 1.3\ns2 1.5"),
        ("s1 13/10\ns2 15 / 10", "s1 13/10\ns2 15/10"),
        ("s1: 13 SEV2 / 10 time units = 1.3", "s1 1.3"),
        ("s1 = 13 ÷ 10 = 1,3", "s1 1.3"),
        ("s1 1.3 (13/10)\ns2 1.5 (15 events in 10 units)", "s1 1.3\ns2 1.5"),
        ("The volume is 1.3 on s1 and 1.5 on s2.", "s1 1.3\ns2 1.5"),
        ("Server 1: 1.3\nServer 2: 1.5", "s1 1.3\ns2 1.5"),
        ("After s115.csv and s215.csv: s1 1.3", "s1 1.3"),
        ("{'volume': {'s1': 1.3, 's2': 1.5}}", "s1 1.3\ns2 1.5"),
        ("3 4/3 = 1.33 s1", ""),
    ],
)
def test_volumes_that_are_computed_or_have_a_comma(text, want):
    assert read_rows(text, "volume").text == want


@pytest.mark.parametrize(
    ("text", "want"),
    [
        ("s1: 1, 3\ns2: 3", "s1 1\ns1 3\ns2 3"),
        ("s1: t1, t3 and t5", "s1 1\ns1 3\ns1 5"),
        ('{"s1": [1, 3], "s2": [3]}', "s1 1\ns1 3\ns2 3"),
        ("Server s1 had a SEV0 at t1 and at t3", "s1 1\ns1 3"),
        ("s1,0,1\ns2,0,3", "s1 1\ns2 3"),
    ],
)
def test_several_timestamps_of_a_server(text, want):
    assert read_rows(text, "log").text == want


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("volume", "s1 1.2 1.3"),
        ("volume", "s1 = 1.2 = 1.3"),
        ("volume", "s1 = 12/10 = 1.3"),
        ("volume", "s1 1.3 (12/10)"),
        ("volume", "s1 1.3 and 1.5"),
        ("volume", "s1 | 1.3 | 1.5"),
        ("volume", "s1,1,3"),
        ("volume", "s1 1,2,3"),
        ("volume", "s1 1.2 extra"),
        ("volume", "s1"),
        ("volume", "1.2"),
        ("log", "s1 1 3"),
        ("log", "s1 s2 3"),
    ],
)
def test_what_looks_like_a_row_and_is_none_is_odd(kind, text):
    reading = read_rows(f"s9 9\n{text}\ns8 8", kind)
    assert [(each.line, each.text) for each in reading.odd] == [(2, text)]
    assert reading.text == "s9 9\ns8 8"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text",
    [
        "",
        QUESTION,
        "Part 1",
        "## Results of lab 8",
        "Volume of s1 and s2 after 2 files:",
        "I waited 20 seconds for it.",
        "After 20 seconds the first pair, s115.csv and s215.csv, was read.",
        "The log records range from `t1` to `t10`, on the servers `s1` and `s2`.",
        "s1 is faster than s2, as everybody saw.",
        "We looked at s1 carefully during 20 minutes, then went home happily.",
        "import time\ntime.sleep(20)",
        "Thank you for 3 great labs!",
        "{'a': {'b': [1, 2, 3]}}",
        "----\nBatch: 0\n----",
    ],
)
def test_prose_has_no_rows_and_nothing_odd(kind, text):
    reading = read_rows(text, kind)
    assert (reading.rows, reading.odd) == ((), ())


def test_an_odd_line_has_the_number_that_its_writer_sees():
    text = "<b>Volumes</b><br>of all servers\n\n[('s1', 1.3),\n ('s2', 1.5)]\ns3 1.2 1.3"
    reading = read_rows(text, "volume")
    assert reading.odd == (OddLine(5, "s3 1.2 1.3"),)
    assert [row.line for row in reading.rows] == [3, 3]


@given(st.text(), st.sampled_from(sorted(KINDS)))
def test_any_text_is_read(text, kind):
    reading = read_rows(text, kind)
    assert all(row.server and row.value for row in reading.rows)


@pytest.mark.parametrize(
    "part",
    [
        *(
            "[",
            "(a,",
            "{'a':",
            "[x,[x],",
            "(((((a,a,a,a,a,a,a,",
            "s1(",
            "s1 1 (",
            "Row(",
            "<pre ",
            "<td",
            "![",
            "~~a",
            "<del>",
        ),
        *(
            "1 ",
            "1,",
            "s1 ",
            "s1=",
            "=1/",
            "1.1 a for ",
            "server ",
            "1 a a a a ",
            "- ",
            "a) ",
            "&amp;",
            ".",
            "__a",
            "\\to",
        ),
        *(" ", "-", "'", '"', "s1\n", "s1 1\n", "-RECORD 0\n", "serverID|a\n", "|", "'a", "1" * 50, "s1 1 + "),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_no_text_takes_long_to_read(kind, part):
    """A search that restarts at each position takes minutes, and the test's time limit ends it."""
    longer = part * (3 * MAX_TEXT // len(part))
    assert read_rows(longer, kind) == read_rows(longer[:MAX_TEXT], kind)
