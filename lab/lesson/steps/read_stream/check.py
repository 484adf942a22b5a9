"""The check that a stream returns every record of the live folder."""

from dataclasses import replace

from lab.cells.articles import a
from lab.engine import facts
from lab.engine.observe import Table
from lab.judge.comparison import log_off
from lab.judge.difference import Difference
from lab.judge.evidence import Evidence
from lab.judge.probe import Probe
from lab.judge.reports import WHOLE, first_off
from lab.records import COLUMNS


def check(evidence: Evidence, probe: Probe) -> Evidence:
    """Require a stream with the three columns that returns exactly the records of the files in the live folder."""
    frame = evidence.frame
    if frame is None or not frame.streaming:
        shown = "no stream" if frame else a(evidence.kind)
        words = f"`streamingLogData` is {shown}, expected a streaming DataFrame."
        return replace(evidence, difference=Difference("no-stream", words, got=evidence.kind))
    if frame.names != COLUMNS:
        words = f"The stream has the columns {', '.join(frame.names)}; expected {', '.join(COLUMNS)}."
        return replace(evidence, difference=Difference("columns", words, COLUMNS, frame.names))
    kinds = dict(frame.columns)
    if kinds["serverID"] != "string" or not {kinds["severity"], kinds["timestamp"]} <= WHOLE:
        shown = ", ".join(f"{name} {kind}" for name, kind in frame.columns)
        words = f"The stream has {shown}; expected serverID string, severity int, timestamp int."
        return replace(evidence, difference=Difference("types", words, got=frame.columns))
    probe.stand_in(evidence.text, evidence.step)
    run = probe.perform(evidence.text)
    value = probe.value("streamingLogData")
    if facts.frame(value) is None:
        return evidence.failed(run, Difference("not-by-itself", "The cell does not run by itself."))
    for file in probe.hidden:
        probe.deliver(file)
    got = facts.streamed_rows(value)
    expected = Table(COLUMNS, tuple(tuple(record) for file in probe.hidden for record in file.records))
    evidence = replace(evidence, deliveries=probe.hidden, hidden=True, tables=(got,), expected=(expected,))
    off = log_off(got.rows, expected.rows)
    if off is None or off.is_order:
        return evidence
    # The servers of the learner's own log files, which are in LogData: rows of these were read from there.
    known = {record.serverID for file in probe.log_files for record in file.records}
    kind = "other-folder" if {row[0] for row in got.rows} == known else "rows"
    words = (
        f"We put {len(probe.hidden)} csv files of our own, with {len(expected.rows)} records, into the live folder. The "
        f"stream gave {len(got.rows)} rows{first_off(off)}."
    )
    return replace(evidence, difference=Difference(kind, words, expected.rows, got.rows))
