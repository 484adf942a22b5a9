"""Checks of the steps that define something: the schema, the stream, and both reports."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from lab import oracle
from lab.bucket import LOG_DATA
from lab.cells.advice import Refused
from lab.cells.schemas import check_schema as vet_schema
from lab.engine import facts
from lab.engine.observe import Row, Table
from lab.lesson.checks.hidden import DELIVERIES, WHAT
from lab.lesson.checks.probe import Probe
from lab.lesson.evidence import Evidence
from lab.records import COLUMNS, LogFile

WHOLE: frozenset[str] = frozenset({"tinyint", "smallint", "int", "bigint"})
TOLERANCE = 0.005 + 1e-9  # a volume may be rounded to two decimals


def check_schema(evidence: Evidence, probe: Probe) -> Evidence:
    """Right names and types, in the order of the line; then the rows of a log file are read as they are."""
    value = probe.value("logSchema")
    try:
        # As where a cell reads with it: from here on, Spark gets it.
        vet_schema(value)
    except Refused as refusal:
        return replace(evidence, error=str(refusal), sentence=str(refusal))
    schema = facts.schema(value)
    evidence = replace(evidence, schema=schema)
    if schema is None:
        return replace(evidence, difference=f"`logSchema` is a {evidence.kind}, expected a StructType or a text.")
    wanted = [(COLUMNS[0], {"string"}), (COLUMNS[1], WHOLE), (COLUMNS[2], WHOLE)]
    if len(schema) == 3 and all(
        name == known and kind in kinds for (name, kind), (known, kinds) in zip(schema, wanted, strict=True)
    ):
        return evidence
    read = facts.read_csv(probe.session, value, probe.workspace.bucket.uri(LOG_DATA) + "s115.csv")
    shown = ", ".join(f"{name} {kind}" for name, kind in schema) or "no column"
    return replace(
        evidence,
        tables=(read,),
        difference=f"`logSchema` has {shown}; expected serverID string, severity int, timestamp int.",
    )


def check_read_stream(evidence: Evidence, probe: Probe) -> Evidence:
    """A stream with the three columns, that gives every record of the files in the live folder, and only those."""
    frame = evidence.frame
    if frame is None or not frame.streaming:
        shown = "no stream" if frame else f"a {evidence.kind}"
        return replace(evidence, difference=f"`streamingLogData` is {shown}, expected a streaming DataFrame.")
    if frame.names != COLUMNS:
        return replace(
            evidence, difference=f"The stream has the columns {_listed(frame.names)}; expected {_listed(COLUMNS)}."
        )
    kinds = dict(frame.columns)
    if kinds["serverID"] != "string" or not {kinds["severity"], kinds["timestamp"]} <= WHOLE:
        shown = ", ".join(f"{name} {kind}" for name, kind in frame.columns)
        return replace(
            evidence, difference=f"The stream has {shown}; expected serverID string, severity int, timestamp int."
        )
    probe.stand_in(evidence.text, evidence.step)
    run = probe.perform(evidence.text)
    value = probe.value("streamingLogData")
    if facts.frame(value) is None:
        return evidence.failed(run, "The cell does not run by itself.")
    for file in DELIVERIES:
        probe.deliver(file)
    got = facts.streamed_rows(value)
    expected = Table(COLUMNS, tuple(tuple(record) for file in DELIVERIES for record in file.records))
    evidence = replace(evidence, deliveries=DELIVERIES, hidden=True, tables=(got,), expected=(expected,))
    if Counter(got.rows) == Counter(expected.rows):
        return evidence
    return replace(
        evidence,
        difference=f"{len(DELIVERIES)} csv files with {len(expected.rows)} records were placed in LogDataLive; the stream "
        f"gave {len(got.rows)} rows{_first_difference(got.rows, expected.rows)}.",
    )


def check_volume_report(evidence: Evidence, probe: Probe) -> Evidence:
    """The volumes of the four log files, then of hidden records, against the oracle; and it can run as a stream."""
    return _check_report(evidence, probe, _expected_volumes, _difference_of_volumes, "complete")


def check_sev0(evidence: Evidence, probe: Probe) -> Evidence:
    """The SEV0 records of the four log files, then of hidden ones, in any order; and it can be appended to."""
    return _check_report(evidence, probe, _expected_log, _difference_of_log, "append")


def _check_report(
    evidence: Evidence,
    probe: Probe,
    expect: Callable[[Sequence[LogFile]], Table],
    compare: Callable[[Table, Table], str],
    mode: str,
) -> Evidence:
    variable = evidence.step.variable
    if evidence.frame is None:
        return replace(evidence, difference=f"`{variable}` is a {evidence.kind}, expected a DataFrame.")
    if not evidence.frame.streaming:
        return replace(
            evidence, difference=f"`{variable}` is not a stream. Build it from `streamingLogData`, which is one."
        )
    if difference := _difference_of_types(evidence.frame):
        return replace(evidence, difference=difference)
    for files, hidden in ((probe.log_files, False), (DELIVERIES, True)):
        probe.use_static(files)
        probe.stand_in(evidence.text, evidence.step)
        run = probe.perform(evidence.text)
        evidence = replace(evidence, deliveries=files, hidden=hidden)
        value = probe.value(variable)
        frame = facts.frame(value)
        if run.failure and (frame is None or frame.streaming):
            # It ran on the learner's stream, so something that it uses is not there now.
            return evidence.failed(run)
        if frame is None or frame.streaming:
            return replace(
                evidence, difference=f"`{variable}` is not built from `streamingLogData` by this cell alone."
            )
        expected = expect(files)
        try:
            got = facts.rows(value)
        except Exception as error:
            return replace(evidence, expected=(expected,), error=f"{type(error).__name__}: {error}")
        evidence = replace(evidence, tables=(got,), expected=(expected,))
        if difference := compare(got, expected):
            words = _by_luck(evidence, difference) if hidden else f"On the four log files: {difference}"
            return replace(evidence, difference=words)
    if refusal := facts.refusal_of_stream(_real(evidence, probe), mode):
        return replace(evidence, error=refusal)
    return evidence


def _real(evidence: Evidence, probe: Probe) -> Any:
    """The learner's own DataFrame, which is the stream."""
    return probe.real_value(evidence.step.variable)


def _expected_volumes(files: Sequence[LogFile]) -> Table:
    frame = oracle.volume_report(files)
    return Table(tuple(frame.columns), tuple(frame.itertuples(index=False, name=None)))


def _expected_log(files: Sequence[LogFile]) -> Table:
    frame = oracle.sev0_log([files])
    return Table(
        tuple(frame.columns), tuple((str(server), int(time)) for server, time in frame.itertuples(index=False))
    )


def volumes(table: Table) -> dict[str, float | None] | None:
    """The volume of each server, by the columns' names; None when a column is missing."""
    if not {"serverID", "avgVolume"} <= set(table.columns):
        return None
    server, volume = table.columns.index("serverID"), table.columns.index("avgVolume")
    return {str(row[server]): _as_number(row[volume]) for row in table.rows}


def _as_number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None


def _difference_of_volumes(got: Table, expected: Table) -> str:
    if sorted(got.columns) != sorted(expected.columns):
        return f"The report has the columns {_listed(got.columns)}; expected serverID, avgVolume."
    have, want = volumes(got) or {}, volumes(expected) or {}
    if len(have) != len(got.rows):
        return f"The report has {len(got.rows)} rows for {len(have)} servers; expected one row a server."
    if have.keys() != want.keys():
        return f"The report has rows for {_listed(sorted(have)) or 'no server'}; expected {_listed(sorted(want))}."
    off = [name for name in want if not _near(have[name], want[name])]
    if not off:
        return ""
    return ", ".join(f"{name} {_number(have[name])} (expected {_number(want[name])})" for name in off) + "."


def _difference_of_log(got: Table, expected: Table) -> str:
    if got.columns != expected.columns:
        return f"The log has the columns {_listed(got.columns)}; expected serverID, timestamp, in this order."
    if Counter(got.rows) == Counter(expected.rows):
        return ""
    return (
        f"The log has {len(got.rows)} rows, expected {len(expected.rows)}{_first_difference(got.rows, expected.rows)}."
    )


def _difference_of_types(frame: facts.Frame) -> str:
    """What is not a number, or not a whole one, although it compares like one."""
    for name, kind in frame.columns:
        right = {
            "serverID": kind == "string",
            "timestamp": kind in WHOLE,
            "avgVolume": kind in {"double", "float", *WHOLE} or kind.startswith("decimal"),
        }
        if not right.get(name, True):
            wanted = {"serverID": "string", "timestamp": "int", "avgVolume": "double"}[name]
            return f"`{name}` is a {kind}, expected {wanted}."
    return ""


def _by_luck(evidence: Evidence, difference: str) -> str:
    table, expected = evidence.tables[-1], evidence.expected[-1]
    got, want = Counter(table.rows), Counter(expected.rows)
    if have := volumes(table):
        wanted = volumes(expected) or {}
        off = [name for name in wanted if not _near(have.get(name), wanted[name])]
        if off and all(name in have and _near(have[name], wanted[name], 0.05) for name in off):
            return f"On the four log files it is right, but not on others. {difference} Keep at least two decimals."
    else:
        off = [str(row[0]) for row in (want - got) + (got - want)]
    known = [name for name in WHAT if name in off]
    if not known:
        return f"On the four log files it is right, but not on others. {difference}"
    records = [record for file in evidence.deliveries for record in file.records if record.serverID == known[0]]
    listed = ", ".join(f"SEV{record.severity} at t{record.timestamp}" for record in sorted(records, key=lambda r: r[2]))
    return (
        f"On the four log files it is right, but not on others. A server with {WHAT[known[0]]} ({known[0]}: {listed}) "
        f"gives something else. {difference}"
    )


def _first_difference(got: Sequence[Row], expected: Sequence[Row]) -> str:
    missing, surplus = Counter(expected) - Counter(got), Counter(got) - Counter(expected)
    parts = []
    if missing:
        parts.append(f"{next(iter(missing))} is missing")
    if surplus:
        parts.append(f"{next(iter(surplus))} is not one of them")
    return " (" + ", ".join(parts) + ")" if parts else ""


def _near(got: float | None, expected: float | None, tolerance: float = TOLERANCE) -> bool:
    return got is not None and expected is not None and abs(got - expected) <= tolerance


def _number(value: float | None) -> str:
    return "null" if value is None else f"{value:.4g}"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names)
