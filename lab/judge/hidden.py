"""Hidden records, for answers that are right on the four log files only by luck: here they go wrong."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from lab.dataset import FILES, Dataset
from lab.oracle import SEV2
from lab.records import LogFile, Record, read_log_file

# Each server is one case. The later files change the results again.
_FIRST: Final = """
single,2,4
single,2,4
quiet,1,6
quiet,0,2
gaps,2,9
gaps,2,1
gaps,1,5
edges,1,1
edges,2,4
edges,0,8
edges,2,3
twice,2,2
twice,2,2
twice,0,3
twice,0,3
twice,0,2
edges,0,2
"""
_SECOND: Final = """
quiet,1,12
gaps,2,10
gaps,0,10
edges,0,14
edges,2,11
single,0,4
twice,2,11
apart,2,40
apart,0,12
apart,0,11
twice,0,11
edges,0,11
"""
_THIRD: Final = """
single,2,4
gaps,0,13
apart,0,13
apart,2,40
quiet,0,12
"""

# A file without a SEV0 record: the query that saves the log gets a batch without any row.
_SILENT: Final = """
single,2,4
gaps,1,14
"""


@dataclass(frozen=True)
class Case:
    """A case of the hidden records: its server, the case in words, and a test for the records of any server."""

    server: str
    what: str
    holds: Callable[[Sequence[Record]], bool]


def _units(records: Sequence[Record]) -> set[int]:
    return {record.timestamp for record in records}


def _ends_without_sev2(records: Sequence[Record]) -> bool:
    times = _units(records)
    return not any(record.severity == SEV2 and record.timestamp in {min(times), max(times)} for record in records)


_TWICE: Final = Case(
    "twice", "the same record twice, which are two events", lambda records: len(set(records)) < len(records)
)
OF_VOLUMES: Final = (
    Case("single", "all of its records in one time unit", lambda records: len(_units(records)) == 1),
    Case("quiet", "no SEV2 record at all", lambda records: all(record.severity != SEV2 for record in records)),
    Case(
        "gaps",
        "time units without any record in between",
        lambda records: len(_units(records)) <= max(_units(records)) - min(_units(records)),
    ),
    Case("edges", "no SEV2 record in its first and last time unit", _ends_without_sev2),
    _TWICE,
    Case("apart", "a first record that comes late", lambda records: min(_units(records)) > 1),
)
# Whether a record is in the log depends on the record alone, not on the others of its server.
OF_LOG: Final = (_TWICE,)
# They have names of the four log files, so that a filter on file names works the same on both.
DELIVERIES: Final[tuple[LogFile, ...]] = tuple(
    read_log_file(name, text.strip().encode() + b"\n")
    for name, text in zip(FILES, (_FIRST, _SECOND, _THIRD), strict=False)
)
SILENT: Final = read_log_file(FILES[-1], _SILENT.strip().encode() + b"\n")


def deliveries(dataset: Dataset) -> tuple[LogFile, ...]:
    """Return DELIVERIES under the file names of a data set."""
    return tuple(replace(file, name=name) for file, name in zip(DELIVERIES, dataset.files, strict=False))


def silent(dataset: Dataset) -> LogFile:
    """Return SILENT under the last file name of a data set."""
    return replace(SILENT, name=dataset.files[-1])


def case_of(servers: Collection[str], cases: Sequence[Case], files: Sequence[LogFile]) -> Case | None:
    """Return the case that explains wrong results for these servers: each is such a case. None if there is none."""
    records = {
        name: [record for file in files for record in file.records if record.serverID == name] for name in servers
    }
    return next(
        (case for case in cases if case.server in servers and all(map(case.holds, filter(None, records.values())))),
        None,
    )
