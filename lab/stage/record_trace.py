"""The trace of one record of a log file at a moment: read, counted, written; or why it is not in the result."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lab.engine.snapshots import MAX_FILES, MAX_LINES
from lab.oracle import SEV0
from lab.records import Problem, Record
from lab.stage.moment import Moment
from lab.stage.sources import Source
from lab.stage.trace import TracedRecord, traced
from lab.stage.written import Unwritten, Written, written

# The kind of a query's result: the volume report, the SEV0 log, or only rows.
Result = Literal["report", "log", "rows"]


@dataclass(frozen=True)
class RecordTrace:
    """The trace of a line of a log file.

    `record` is None if the line is not a record; then `problem` says why, if it is known. `role` is the record's role
    in the report, None if it was not read; `span` are the first and the last time unit of its server at this moment.
    `output` is the location of a SEV0 record in the output, if it was read.
    """

    source: Source
    line: int
    record: Record | None = None
    problem: Problem | None = None
    role: TracedRecord | None = None
    span: tuple[int, int] | None = None
    output: Written | Unwritten | None = None


def record_trace(moment: Moment, source: Source, line: int) -> RecordTrace:
    """Trace a line of one of the moment's `sources`."""
    record = source.record(line)
    if record is None:
        return RecordTrace(source, line, problem=source.problem(line))
    if source.batch is None:
        return RecordTrace(source, line, record)
    of_server = traced(moment, record.serverID)
    times = [each.record.timestamp for each in of_server]
    role = next(each for each in of_server if (each.batch, each.file, each.line) == (source.batch, source.name, line))
    output = written(moment.output, role, of_server) if record.severity == SEV0 else None
    return RecordTrace(source, line, record, role=role, span=(min(times), max(times)), output=output)


def told(trace: RecordTrace, moment: Moment, result: Result) -> tuple[str, ...]:
    """Return a trace in sentences that fit the kind of the query's result."""
    return tuple(_sentences(trace, moment, result))


def _sentences(trace: RecordTrace, moment: Moment, result: Result) -> Iterator[str]:
    source = trace.source
    if trace.record is None:
        why = f": {trace.problem}" if trace.problem else ""
        yield f"Line {trace.line} of {source.name} is no record{why}."
        if source.batch is not None:
            yield f"Batch {source.batch} read the file. Spark reads such a line in its own way, or leaves it out."
            return
    if source.batch is None:
        yield f"It is nowhere in the result. {_why_nowhere(source, moment)}"
        return
    yield f"Batch {source.batch} read it."
    if source.chip and source.chip.state == "not read again":
        yield f"{source.name} was written anew since. The query never reads a name twice."
    if result == "report":
        yield from _in_report(trace)
    elif result == "log":
        yield _in_log(trace, moment)


def _in_report(trace: RecordTrace) -> Iterator[str]:
    record, role, span = trace.record, trace.role, trace.span
    if record is None or role is None or span is None:
        return
    yield (
        "It counts: its severity is 2."
        if role.counts
        else f"It does not count: its severity is {record.severity}, and the report counts SEV2."
    )
    ends = [end for end, is_it in (("first", role.first), ("last", role.last)) if is_it]
    if ends:
        only = "" if role.counts else "only "
        yield (
            f"It {only}stretches the span: it is the {' and the '.join(ends)} record of {record.serverID}, "
            f"at t{record.timestamp}."
        )
    else:
        yield f"It does not stretch the span of {record.serverID}, which goes from t{span[0]} to t{span[1]} without it."


def _in_log(trace: RecordTrace, moment: Moment) -> str:
    if isinstance(trace.output, Written):
        return f"It stands in line {trace.output.line} of {trace.output.file}."
    if trace.output == "not in the output":
        return (
            "It is a SEV0, but no file of Lab9Output has it at this moment. Look at what your query writes for a batch."
        )
    if trace.output is None:
        severity = trace.record.severity if trace.record else None
        return f"It is not in the log: its severity is {severity}, and the log has SEV0 records alone."
    if moment.output is None:
        return "It is a SEV0. The lab did not keep the output of this moment: it was too large, or not read yet."
    return (
        f"It is a SEV0. Of the output, the newest {MAX_FILES} files were kept, and {MAX_LINES} lines of each; it is in none "
        "of them."
    )


def _why_nowhere(source: Source, moment: Moment) -> str:
    chip = source.chip
    if chip is None:
        return "Its file was not read."
    why = f" {chip.why.removesuffix('.')}." if chip.why else ""
    match chip.state:
        case "to be delivered":
            return f"{source.name} lies in LogData, and was not delivered.{why}"
        case "refused":
            return f"{source.name} lies in LogData, and would be refused.{why}"
        case "waiting" if moment.state == "running":
            return f"{source.name} waits in LogDataLive: the next batch will read it.{why}"
        case "waiting":
            return f"{source.name} waits in LogDataLive: it is read once the query runs.{why}"
        case "not read again":
            return f"{source.name} lies in LogDataLive, but is not read again.{why}"
        case _:
            return f"{source.name} lies in LogDataLive.{why}"
