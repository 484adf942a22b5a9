"""The output file and the line of a SEV0 record, as far as the output was seen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from lab.engine.snapshots import OutputFileSeen, OutputSeen
from lab.sev0_output import rows_in
from lab.stage.trace import TracedRecord


@dataclass(frozen=True)
class Written:
    """A line of an output file."""

    file: str
    line: int


Unwritten = Literal["not in the output", "not seen"]


def written(output: OutputSeen | None, sought: TracedRecord, of_server: Sequence[TracedRecord]) -> Written | Unwritten:
    """Return where a SEV0 record that was read is in the output.

    `of_server` are all records of its server, in the order in which they were read. Each of several equal records has
    its own line.
    """
    if output is None:
        return "not seen"
    equal = [each for each in of_server if each.record == sought.record]
    lines = [(file.batch, place) for file in output.files for place in _lines(file, sought)]
    of_batch = [place for batch, place in lines if batch == sought.batch]
    # If the output does not tell batches apart, treat it as one log.
    places = of_batch or [place for _, place in lines]
    peers = [each for each in equal if each.batch == sought.batch] if of_batch else equal
    if (at := peers.index(sought)) < len(places):
        return places[at]
    return "not in the output" if _whole(output) else "not seen"


def _whole(output: OutputSeen) -> bool:
    return len(output.files) == output.count and not any(file.more for file in output.files)


def _lines(file: OutputFileSeen, sought: TracedRecord) -> Iterator[Written]:
    wanted = (sought.record.serverID, str(sought.record.timestamp))
    for line, text in enumerate(file.lines, start=1):
        if wanted in (row[:2] for row in rows_in([text])):
            yield Written(file.name, line)
