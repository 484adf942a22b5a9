"""The origin of a number in the volume report: the records of a server at one moment, and the role of each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from lab.engine.observe import Table
from lab.oracle import REPORT_COLUMNS, SEV2, count_of, near, span_of
from lab.records import LogFile, Record
from lab.stage.moment import Moment
from lab.stage.sources import files_read


# A named tuple, because a file may have more than a hundred thousand records, and a dataclass takes several times as
# long.
class TracedRecord(NamedTuple):
    """A record that was read, its location, and its role in the report: it counts, or is an end of the span."""

    file: str
    line: int
    batch: int
    record: Record
    first: bool = False
    last: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is one of the records that are counted."""
        return self.record.severity == SEV2

    @property
    def role(self) -> str:
        """The role in words."""
        roles = {"counts": self.counts, "first of the span": self.first, "last of the span": self.last}
        return ", ".join(role for role, has in roles.items() if has) or "only there"

    @property
    def where(self) -> str:
        """The file and the line."""
        return f"{self.file}, line {self.line}"


@dataclass(frozen=True)
class Reported:
    """What the learner's report says about a server: `words` that follow "Your report", and the number, if any."""

    words: str
    number: float | None = None


@dataclass(frozen=True)
class VolumeTrace:
    """The volume of a server by the definition, the records behind it, and what the learner's report says about it.

    `reported` is None if that is not known. `differs` is whether the report differs from the definition; it is None if
    they cannot be compared, and then `why_not` is a sentence that says why.
    """

    server: str
    batch: int | None
    records: tuple[TracedRecord, ...]
    reported: Reported | None = None
    differs: bool | None = None
    why_not: str = ""

    @property
    def count(self) -> int:
        """How many records count."""
        return count_of((each.record for each in self.records), SEV2)

    @property
    def first(self) -> TracedRecord | None:
        """The record at which the span begins."""
        return next((each for each in self.records if each.first), None)

    @property
    def last(self) -> TracedRecord | None:
        """The record at which the span ends."""
        return next((each for each in self.records if each.last), None)

    @property
    def units(self) -> int:
        """How many time units the span has."""
        return span_of([each.record for each in self.records]) if self.records else 0

    @property
    def volume(self) -> float | None:
        """The volume; None for a server without records."""
        return self.count / self.units if self.records else None

    @property
    def formula(self) -> str:
        """The formula with its numbers, as a line."""
        if self.first is None or self.last is None or self.volume is None:
            return f"{self.server}: no record that was read names this server."
        counted = f"{self.count} SEV2 record{'' if self.count == 1 else 's'}"
        span = f"({self.last.record.timestamp} − {self.first.record.timestamp} + 1)"
        return f"{self.server} after batch {self.batch}: {counted} ÷ {span} = {number(self.volume)}"


def servers(moment: Moment) -> tuple[str, ...]:
    """Return every server that a record or the report names."""
    table = moment.table
    told = {row[0] for row in table.rows} if table and table.columns == REPORT_COLUMNS else set()
    named = {record.serverID for file in moment.files for record in file.records}
    return tuple(sorted(named | {server for server in told if isinstance(server, str)}))


def volume_trace(moment: Moment, server: str, tolerance: float) -> VolumeTrace:
    """Trace the volume of a server at a moment; `tolerance` is how far the report may be from the definition."""
    trace = VolumeTrace(server, moment.last.number if moment.last else None, traced(moment, server))
    reported = _reported(moment.table, server)
    if why_not := _why_not(moment, reported):
        return replace(trace, reported=reported, why_not=why_not)
    return replace(trace, reported=reported, differs=_differs(trace.volume, reported, tolerance))


def traced(moment: Moment, server: str) -> tuple[TracedRecord, ...]:
    """Return the records of a server that had been read at a moment, in order.

    If several records are at an end of the span, the first one counts as the end.
    """
    found = [
        TracedRecord(file.name, line, batch, record)
        for batch, file in files_read(moment)
        for line, record in file.numbered
        if record.serverID == server
    ]
    if not found:
        return ()
    times = [each.record.timestamp for each in found]
    first, last = times.index(min(times)), times.index(max(times))
    found[first] = found[first]._replace(first=True)
    found[last] = found[last]._replace(last=True)
    return tuple(found)


def number(value: float) -> str:
    """Return a volume with two decimals; with two significant digits if it is below 0.01."""
    return f"{value:.2f}" if not 0 < abs(value) < 0.01 else f"{value:.2g}"


def _reported(table: Table | None, server: str) -> Reported | None:
    if table is None or table.columns != REPORT_COLUMNS:
        return None
    found = [volume for name, volume in table.rows if name == server]
    if not found:
        return None if table.truncated else Reported("has no row for it")
    if len(found) > 1:
        return Reported(f"has {len(found)} rows for it")
    return Reported("says null") if found[0] is None else _of_number(found[0])


def _of_number(value: Any) -> Reported:
    try:
        return Reported(f"says {float(value):.4g}", float(value))
    except (TypeError, ValueError, OverflowError):
        return Reported("says something that is no number")


def _why_not(moment: Moment, reported: Reported | None) -> str:
    """Return why the report and the definition cannot be compared; empty if they can."""
    if odd := next(_unclear(moment.files), None):
        return odd
    if moment.last is None:
        return "No batch was read yet."
    if moment.table is None:
        return "The next batch came before the lab could read this report."
    if moment.table.columns != REPORT_COLUMNS:
        return f"The table has other columns than a report, which has {' and '.join(REPORT_COLUMNS)}."
    return "" if reported else "The report has more rows than the lab reads."


def _unclear(files: Sequence[LogFile]) -> Iterator[str]:
    for file in files:
        if file.problems:
            yield (
                f"Not every line of {file.name} is a record ({file.problems[0]}). Spark counts such lines in its own "
                "way, so the lab does not compare your report with the definition."
            )
        elif not file.records:
            yield f"{file.name} was deleted before the lab could read it, so nothing is known of its records."


def _differs(volume: float | None, reported: Reported | None, tolerance: float) -> bool:
    if volume is None or reported is None or reported.number is None:
        return True
    return not near(reported.number, volume, tolerance)
