"""Where a number of the report comes from, and what became of a record, at each moment of a run."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import dataset, oracle
from lab.engine.observe import Batch, Table
from lab.engine.snapshots import OutputFileSeen, OutputSeen
from lab.lesson.results import TOLERANCE
from lab.records import LogFile, Record, read_log_file
from lab.stage.folders import chips
from lab.stage.moment import Moment
from lab.stage.record_trace import record_trace, told
from lab.stage.sources import Source, sources
from lab.stage.trace import servers, traced, volume_trace
from lab.stage.written import Written

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
FILES = {name: read_log_file(name, dataset.SHIPPED.content(name)) for name in dataset.FILES}
FIRST, SECOND = (tuple(FILES[name] for name in pair.files) for pair in dataset.PAIRS)


def moment(*batches, data=(), live=None, again=(), state="running", rows=None, columns=oracle.REPORT_COLUMNS, **parts):
    """Return a moment after batches of files; `data` and `live` are the folders' files, `rows` are the report's."""
    made = tuple(
        Batch(number, NOON, sum(len(file.records) for file in files), None, (), tuple(files), (NOON,) * len(files))
        for number, files in enumerate(batches)
    )
    read_at = {file.name: batch.number for batch in made for file in batch.files}
    there = [file for files in batches for file in files] if live is None else live
    where = chips(data, there, read_at, again)
    table = None if rows is None else Table(columns, tuple(rows))
    return Moment("x", "X", NOON, where, state, batches=made, table=table, **parts)


def source_of(moment, name):
    (found,) = [source for source in sources(moment) if source.name == name]
    return found


def becomes(moment, name, line, result="report"):
    return " ".join(told(record_trace(moment, source_of(moment, name), line), moment, result))


# --- the volume of a server


def test_the_formula_has_its_numbers_and_moves_with_the_moment():
    early, late = moment(FIRST), moment(FIRST, SECOND)
    assert volume_trace(early, "s1", TOLERANCE).formula == "s1 after batch 0: 6 SEV2 records ÷ (5 − 1 + 1) = 1.20"
    assert volume_trace(late, "s1", TOLERANCE).formula == "s1 after batch 1: 13 SEV2 records ÷ (10 − 1 + 1) = 1.30"


def test_a_single_record_is_both_ends_of_the_span():
    at = moment([LogFile("a.csv", (Record("q", 2, 7),))])
    trace = volume_trace(at, "q", TOLERANCE)
    assert trace.formula == "q after batch 0: 1 SEV2 record ÷ (7 − 7 + 1) = 1.00"
    assert [each.role for each in trace.records] == ["counts, first of the span, last of the span"]


def test_each_record_says_what_it_does():
    records = Record("s", 1, 2), Record("s", 0, 1), Record("s", 2, 3), Record("s", 1, 3), Record("s", 1, 1)
    roles = [each.role for each in traced(moment([LogFile("a.csv", records)]), "s")]
    assert roles == ["only there", "first of the span", "counts, last of the span", "only there", "only there"]


def test_a_volume_of_which_two_decimals_would_leave_nothing_has_two_digits():
    far = LogFile("a.csv", (Record("s", 2, 1), Record("s", 1, 3000)))
    assert volume_trace(moment([far]), "s", TOLERANCE).formula.endswith("= 0.00033")
    assert volume_trace(moment([LogFile("a.csv", (Record("s", 1, 1),))]), "s", TOLERANCE).formula.endswith("= 0.00")


@pytest.mark.parametrize(
    ("rows", "differs", "words"),
    [
        ([("s1", 1.3)], False, "says 1.3"),
        ([("s1", 1.304)], False, "says 1.304"),
        ([("s1", 13 / 9)], True, "says 1.444"),
        ([("s1", None)], True, "says null"),
        ([("s1", float("nan"))], True, "says nan"),
        ([("s1", "many")], True, "says something that is no number"),
        ([("s2", 1.2)], True, "has no row for it"),
        ([("s1", 1.3), ("s1", 1.3)], True, "has 2 rows for it"),
    ],
)
def test_what_the_report_says_is_beside_the_definition(rows, differs, words):
    trace = volume_trace(moment(FIRST, SECOND, rows=rows), "s1", TOLERANCE)
    assert (trace.differs, trace.reported.words) == (differs, words)


@pytest.mark.parametrize(
    ("at", "why_not"),
    [
        (moment(FIRST), "The next batch came before the lab could read this report."),
        (moment(FIRST, rows=[("s1", 1, 2)], columns=("serverID", "a", "b")), "has other columns than a report"),
        (moment(live=FIRST), "No batch was read yet."),
        (
            moment(FIRST, [read_log_file("odd.csv", b"s1,2,1\nrubbish\n")], rows=[("s1", 9)]),
            "odd.csv, line 2: 'rubbish'",
        ),
        (
            moment(FIRST, [LogFile("gone.csv", ())], rows=[("s1", 9)]),
            "gone.csv was deleted before the lab could read it",
        ),
    ],
)
def test_what_cannot_be_compared_is_never_called_different(at, why_not):
    trace = volume_trace(at, "s1", TOLERANCE)
    assert trace.differs is None
    assert why_not in trace.why_not


def test_a_server_that_only_the_report_names_is_told_as_such():
    at = moment(FIRST, rows=[("s1", 1.0), ("ghost", 1.0)])
    assert servers(at) == ("ghost", "s1", "s2")
    trace = volume_trace(at, "ghost", TOLERANCE)
    assert trace.formula == "ghost: no record that was read names this server."
    assert trace.differs


# --- a record of a log file


def test_a_record_that_was_read_counts_or_stretches_the_span_or_does_neither():
    records = Record("s", 0, 1), Record("s", 2, 1), Record("s", 1, 2), Record("s", 2, 4)
    at = moment([LogFile("a.csv", records)])
    assert [becomes(at, "a.csv", line) for line in range(1, 5)] == [
        "Batch 0 read it. It does not count: its severity is 0, and the report counts SEV2. "
        "It only stretches the span: it is the first record of s, at t1.",
        "Batch 0 read it. It counts: its severity is 2. "
        "It does not stretch the span of s, which goes from t1 to t4 without it.",
        "Batch 0 read it. It does not count: its severity is 1, and the report counts SEV2. "
        "It does not stretch the span of s, which goes from t1 to t4 without it.",
        "Batch 0 read it. It counts: its severity is 2. It stretches the span: it is the last record of s, at t4.",
    ]


@pytest.mark.parametrize(
    ("at", "sentence"),
    [
        (moment(data=FIRST), "s115.csv lies in LogData, and was not delivered."),
        (moment(live=FIRST), "s115.csv waits in LogDataLive: the next batch will read it."),
        (moment(live=FIRST, state="stopped"), "s115.csv waits in LogDataLive: it is read once the query runs."),
    ],
)
def test_a_record_that_is_nowhere_says_why(at, sentence):
    assert becomes(at, "s115.csv", 1) == f"It is nowhere in the result. {sentence}"


def test_a_refused_or_ignored_file_says_why_its_records_are_nowhere():
    bad = read_log_file("bad.csv", b"s1,2,1\ns1,8,2\n")
    at = moment(data=[bad], live=[LogFile("_x.csv", (Record("s", 2, 1),))])
    assert becomes(at, "bad.csv", 1) == (
        "It is nowhere in the result. bad.csv lies in LogData, and would be refused. "
        "bad.csv, line 2: '8' is not a severity, expected 0, 1 or 2."
    )
    assert "Line 2 of bad.csv is no record: bad.csv, line 2: '8' is not a severity" in becomes(at, "bad.csv", 2)
    assert "Spark ignores '_x.csv'" in becomes(at, "_x.csv", 1)


def test_a_line_that_is_no_record_of_a_file_that_was_read_is_sparks_business():
    at = moment([read_log_file("odd.csv", b"s1,2,1\nrubbish\ns1,0,3\n")])
    assert "Batch 0 read the file. Spark reads such a line in its own way, or leaves it out." in becomes(
        at, "odd.csv", 2
    )
    assert becomes(at, "odd.csv", 3).endswith("it is the last record of s1, at t3.")


def test_of_a_name_that_was_delivered_again_both_contents_can_be_followed():
    new = LogFile("s115.csv", (Record("s1", 2, 99),))
    at = moment(FIRST, live=[new], again={"s115.csv"})
    read, lies = (source for source in sources(at) if source.name == "s115.csv")
    assert (read.title, lies.title) == ("s115.csv (read in batch 0)", "s115.csv (not read again)")
    assert told(record_trace(at, lies, 1), at, "report") == (
        "It is nowhere in the result. s115.csv lies in LogDataLive, but is not read again. "
        "The query has read this name before, and never reads a name twice.",
    )
    same = moment(FIRST, again={"s115.csv"})
    assert "s115.csv was written anew since. The query never reads a name twice." in becomes(same, "s115.csv", 1)


# --- a SEV0 record in the output


def seen(*contents, count=None, more=0):
    """Return an output to which each batch has written one file."""
    files = tuple(
        OutputFileSeen(number, f"sev0/batch={number}/part.csv", 9, NOON, tuple(lines), more)
        for number, lines in enumerate(contents)
    )
    return OutputSeen(files, count or len(files))


SEV0 = LogFile("a.csv", (Record("s", 0, 5), Record("s", 2, 5), Record("s", 0, 5)))


def test_a_sev0_record_has_its_line_in_the_output_also_if_another_one_is_equal():
    at = moment(
        [SEV0], [LogFile("b.csv", SEV0.records[:1])], output=seen(["t,0", "s,5", "s,5"], ["serverID,timestamp", "s,5"])
    )
    assert becomes(at, "a.csv", 1, "log") == "Batch 0 read it. It stands in line 2 of sev0/batch=0/part.csv."
    assert becomes(at, "a.csv", 3, "log") == "Batch 0 read it. It stands in line 3 of sev0/batch=0/part.csv."
    assert becomes(at, "b.csv", 1, "log") == "Batch 1 read it. It stands in line 2 of sev0/batch=1/part.csv."
    assert becomes(at, "a.csv", 2, "log") == (
        "Batch 0 read it. It is not in the log: its severity is 2, and the log has SEV0 records alone."
    )


def test_an_output_that_does_not_tell_its_batches_apart_is_one_log():
    at = moment([LogFile("z.csv", (Record("z", 2, 1),))], [SEV0], output=seen(["s,5", "s,5"]))
    assert record_trace(at, source_of(at, "a.csv"), 3).output == Written("sev0/batch=0/part.csv", 2)


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        (seen(["s,5"]), "no file of Lab9Output has it at this moment"),
        (seen(["s,5"], more=9), "Of the output, the newest 20 files were kept, and 30 lines of each"),
        (seen(["s,5"], count=99), "Of the output, the newest 20 files were kept, and 30 lines of each"),
        (None, "The lab did not keep the output of this moment"),
    ],
)
def test_a_sev0_record_that_is_not_found_is_missing_only_if_everything_was_looked_at(output, sentence):
    assert sentence in becomes(moment([SEV0], output=output), "a.csv", 3, "log")


# --- of any files

lines = st.one_of(
    st.builds("{},{},{}".format, st.sampled_from(["s1", "s2", "q"]), st.integers(0, 2), st.integers(1, 12)),
    st.sampled_from(["", "rubbish", "s1,8,2", "serverID,severity,timestamp", "s1,2,3\r"]),
)
contents = st.lists(lines, min_size=1, max_size=8).map(lambda found: "\n".join(found).encode() + b"\n")


@st.composite
def runs(draw):
    files = [read_log_file(f"f{at}.csv", data) for at, data in enumerate(draw(st.lists(contents, max_size=6)))]
    places = [draw(st.sampled_from(["data", "live", 0, 1, 2])) for _ in files]
    by_place = {
        place: [file for file, at in zip(files, places, strict=True) if at == place]
        for place in ["data", "live", 0, 1, 2]
    }
    batches = [by_place[number] for number in range(3)]
    gone = draw(st.booleans())
    live = by_place["live"] + ([] if gone else [file for files in batches for file in files])
    return moment(*batches, data=by_place["data"], live=live), files


@given(runs())
def test_the_volume_of_the_trace_is_that_of_the_report_by_the_definition(run):
    at, _ = run
    expected = oracle.volume_report(at.files)
    assert servers(at) == tuple(sorted(expected))
    for server, volume in expected.items():
        trace = volume_trace(at, server, TOLERANCE)
        assert trace.volume == volume
        assert trace.count / trace.units == volume
        assert sum(each.first for each in trace.records) == sum(each.last for each in trace.records) == 1
        assert trace.last.record.timestamp - trace.first.record.timestamp + 1 == trace.units


@given(runs())
def test_every_record_of_every_file_has_exactly_one_trace(run):
    at, files = run
    places = [(source.name, line, record) for source in sources(at) for line, record in source.file.numbered]
    assert sorted(places) == sorted((file.name, line, record) for file in files for line, record in file.numbered)
    for source in sources(at):
        for line in range(1, source.last_line + 1):
            trace = record_trace(at, source, line)
            assert trace.record == source.record(line)
            assert (trace.role is None) == (source.batch is None or trace.record is None)
            assert told(trace, at, "report")
            assert told(trace, at, "log")


@given(st.lists(lines, min_size=1, max_size=20))
def test_a_line_of_a_file_is_a_record_exactly_where_the_file_has_it(written):
    file = read_log_file("x.csv", "".join(f"{line}\n" for line in written).encode())
    assert all(written[number - 1] == f"{r.serverID},{r.severity},{r.timestamp}" for number, r in file.numbered)
    source = Source(file, None, None)
    for number, line in enumerate(written, start=1):
        record = source.record(number)
        assert record is None or line == ",".join(map(str, record))
        assert record or source.problem(number)
