"""The common part of the checks of both reports: run each on the four log files, then on hidden records."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lab.cells.articles import a
from lab.engine import facts
from lab.engine.failures import explain
from lab.engine.observe import Table
from lab.judge.comparison import LogOff, volumes, volumes_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.hidden import OF_LOG, OF_VOLUMES, case_of
from lab.judge.probe import Probe
from lab.judge.smallest import Example, smallest
from lab.oracle import near
from lab.records import LogFile

# Takes a table, the expected one, and whether the sentence may tell the right values. Returns what is wrong, or None.
Compare = Callable[[Table, Table, bool], Difference | None]
WHOLE: frozenset[str] = frozenset({"tinyint", "smallint", "int", "bigint"})


def check_report(
    evidence: Evidence,
    probe: Probe,
    expect: Callable[[Sequence[LogFile]], Table],
    compare: Compare,
    mode: str,
) -> Evidence:
    """Check a report on both sets of records against the expected tables; then check that Spark accepts `mode`."""
    variable = evidence.step.variable
    if evidence.frame is None:
        return replace(
            evidence, difference=Difference("no-frame", f"`{variable}` is {a(evidence.kind)}, expected a DataFrame.")
        )
    if not evidence.frame.streaming:
        words = f"`{variable}` is not a stream. Build it from `streamingLogData`, which is one."
        return replace(evidence, difference=Difference("no-stream", words))
    if difference := _difference_of_types(evidence.frame):
        return replace(evidence, difference=difference)
    for files, hidden in ((probe.log_files, False), (probe.hidden, True)):
        probe.use_static(files)
        probe.stand_in(evidence.text, evidence.step)
        run = probe.perform(evidence.text)
        evidence = replace(evidence, deliveries=files, hidden=hidden)
        value = probe.value(variable)
        frame = facts.frame(value)
        if run.failure and (frame is None or frame.streaming):
            # It ran on the learner's stream, so it uses something that is missing here.
            return evidence.failed(run)
        if frame is None or frame.streaming:
            words = f"`{variable}` is not built from `streamingLogData` by this cell alone."
            return replace(evidence, difference=Difference("not-by-itself", words))
        expected = expect(files)
        try:
            got = facts.rows(value)
        except Exception as error:
            return replace(evidence, expected=(expected,), error=f"{type(error).__name__}: {error}")
        evidence = replace(evidence, tables=(got,), expected=(expected,))
        # The results on the four log files are the learner's to find: the sentence tells only those on hidden records.
        if difference := compare(got, expected, hidden):
            words = _by_luck(evidence, difference) if hidden else f"On the four log files: {difference.sentence}"
            difference = difference.said(words)
            if run.skipped:
                return evidence.failed(run, difference)
            # Nobody may see the hidden records, so no example is made from them.
            log = () if hidden else [record for file in files for record in file.records]
            example = smallest(partial(_tried, evidence, probe, expect, compare), log)
            return replace(evidence, difference=difference, example=example)
    if refusal := facts.refusal_of_stream(_real(evidence, probe), mode):
        return replace(evidence, error=refusal)
    return evidence


def _tried(
    evidence: Evidence,
    probe: Probe,
    expect: Callable[[Sequence[LogFile]], Table],
    compare: Compare,
    file: LogFile,
) -> Example | None:
    """Return the example of an answer that is wrong on a log file; None if it is right there, or cannot be run."""
    probe.use_static([file])
    run = probe.perform(evidence.text)
    value = probe.value(evidence.step.variable)
    frame = facts.frame(value)
    if run.failure or frame is None or frame.streaming:
        return None
    expected = expect([file])
    try:
        got = facts.rows(value)
    except Exception as error:
        if not facts.is_refusal(error):
            raise
        return Example((file.records,), expected, Table(("error",), ((explain(str(error)).sentence,),)))
    return Example((file.records,), expected, got) if compare(got, expected, True) else None  # noqa: FBT003 - it is not a result


def _real(evidence: Evidence, probe: Probe) -> Any:
    """Return the learner's own DataFrame, which is the stream."""
    return probe.real_value(evidence.step.variable)


def _difference_of_types(frame: facts.Frame) -> Difference | None:
    """Return the first column with a wrong type, although its values may compare as equal; None if all are right."""
    for name, kind in frame.columns:
        right = {
            "serverID": kind == "string",
            "timestamp": kind in WHOLE,
            "avgVolume": kind in {"double", "float", *WHOLE} or kind.startswith("decimal"),
        }
        if not right.get(name, True):
            wanted = {"serverID": "string", "timestamp": "int", "avgVolume": "double"}[name]
            return Difference("type", f"`{name}` is {a(kind)}, expected {wanted}.", wanted, kind)
    return None


def _by_luck(evidence: Evidence, difference: Difference) -> str:
    said = difference.sentence
    table, expected = evidence.tables[-1], evidence.expected[-1]
    got, want = Counter(table.rows), Counter(expected.rows)
    if have := volumes(table):
        wanted = volumes(expected) or {}
        found = volumes_off(have, wanted)
        off = (*found.missing, *found.wrong) if found else ()
        if off and all(name in have and near(have[name], wanted[name], 0.05) for name in off):
            return f"Right on the four log files. On a log of our own: {said} Keep at least two decimals."
        case = case_of(off, OF_VOLUMES, evidence.deliveries)
    else:
        case = case_of({str(row[0]) for row in (want - got) + (got - want)}, OF_LOG, evidence.deliveries)
    if case is None:
        return f"Right on the four log files. On a log of our own: {said}"
    records = [record for file in evidence.deliveries for record in file.records if record.serverID == case.server]
    listed = ", ".join(f"SEV{record.severity} at t{record.timestamp}" for record in sorted(records, key=lambda r: r[2]))
    return (
        f"Right on the four log files, but not on a log of our own. It has a server `{case.server}` with {case.what}: "
        f"{listed}. There you get: {said}"
    )


def first_off(off: LogOff) -> str:
    """Return the first missing row and the first surplus row, in words; empty when there are none."""
    missing = [f"{off.missing[0]} is missing"] if off.missing else []
    surplus = [f"{off.surplus[0]} is not one of them"] if off.surplus else []
    parts = ", ".join((*missing, *surplus))
    return f" ({parts})" if parts else ""
